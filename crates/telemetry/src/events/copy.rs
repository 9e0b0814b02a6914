//! Exams, and copies on their way.

use domain::{CopyId, ExamId, FailureCode, JobId};

events! {
    COPY;

    ExamCreated = Info "exam.created" "an exam was created" { exam_id: ExamId }
    CopyRegistered = Info "copy.registered" "a copy was registered" {
        copy_id: CopyId,
        exam_id: ExamId,
        job_id: JobId,
        bytes: u64,
    }
    ImportCompleted = Info "import.completed" "the pages of a copy were made" {
        copy_id: CopyId,
        job_id: JobId,
        pages: u32,
        attempt: u16,
    }
    ImportAttemptFailed = Warning "import.attempt_failed" "an attempt to import a copy failed and will be repeated" {
        copy_id: CopyId,
        job_id: JobId,
        error: FailureCode,
        attempt: u16,
    }
    ImportFailed = Error "import.failed" "a copy cannot be imported" {
        copy_id: CopyId,
        job_id: JobId,
        error: FailureCode,
        attempt: u16,
    }
    ImportExhausted = Critical "import.exhausted" "the last attempt to import a copy failed" {
        copy_id: CopyId,
        job_id: JobId,
        error: FailureCode,
        attempt: u16,
    }
    CopyValidated = Info "copy.validated" "a copy was validated" { copy_id: CopyId, pages: u32 }
}
