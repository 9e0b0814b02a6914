//! Copies while they are corrected: locks, finalizing, handing out. What is written on a copy is told by the audit
//! log alone.

use domain::copy::Variant;
use domain::{ChangeSetId, CopyId, ExamId, FailureCode, JobId, Reason};

events! {
    CORRECTING;

    LockTaken = Info "lock.taken" "somebody began to correct a copy" { copy_id: CopyId, fence: i64 }
    LockReleased = Info "lock.released" "somebody gave a copy back" { copy_id: CopyId }
    LockLapsed = Info "lock.lapsed" "a lock ended without a sign of life" { copy_id: CopyId, fence: i64 }
    LockForced = Warning "lock.forced" "an administrator took a copy from its corrector" {
        copy_id: CopyId,
        reason: Reason,
    }
    FinalizeStarted = Info "finalize.started" "a copy was finalized; its document is to be made" {
        copy_id: CopyId,
        job_id: JobId,
    }
    FinalizeCompleted = Info "finalize.completed" "the corrected document of a copy was made" {
        copy_id: CopyId,
        job_id: JobId,
        pages: u32,
        attempt: u16,
    }
    FinalizeAttemptFailed = Warning "finalize.attempt_failed" "an attempt to make a corrected document failed and will be repeated" {
        copy_id: CopyId,
        job_id: JobId,
        error: FailureCode,
        attempt: u16,
    }
    FinalizeFailed = Critical "finalize.failed" "a corrected document could not be made; a person has to look" {
        copy_id: CopyId,
        job_id: JobId,
        error: FailureCode,
        attempt: u16,
    }
    ImportRetried = Info "import.retried" "the pages of a copy are to be made again" {
        copy_id: CopyId,
        job_id: JobId,
    }
    CopyDiscarded = Warning "copy.discarded" "a copy was put aside" { copy_id: CopyId, reason: Reason }
    CopyReopened = Warning "copy.reopened" "a copy is to be corrected again" { copy_id: CopyId, reason: Reason }
    CopyIdentified = Info "copy.identified" "it was said whose copy it is, or taken back" {
        copy_id: CopyId,
        undone: bool,
    }
    CopyMerged = Info "copy.merged" "the pages of two copies became one copy" {
        copy_id: CopyId,
        other_id: CopyId,
        booklets: u16,
        pages: u16,
    }
    BookletsReordered = Info "copy.reordered" "the booklets of a copy came into another order" { copy_id: CopyId }
    IdentityShown = Info "copy.identity_shown" "somebody was shown who wrote a copy" { copy_id: CopyId }
    ReadingOrdered = Info "reading.ordered" "a machine is to read who wrote a copy" { copy_id: CopyId, job_id: JobId }
    ReadingsOrdered = Info "reading.all_ordered" "a machine is to read who wrote the copies of an exam" {
        exam_id: ExamId,
        copies: u32,
    }
    CopyRead = Info "reading.done" "a machine read what says who wrote a copy" { copy_id: CopyId, job_id: JobId, kept: bool }
    ReadingFailed = Warning "reading.failed" "an attempt to read who wrote a copy failed" {
        copy_id: CopyId,
        job_id: JobId,
        error: FailureCode,
        attempt: u16,
    }
    CopyExported = Info "copy.exported" "somebody was given a corrected document" {
        copy_id: CopyId,
        variant: Variant,
        bytes: u64,
    }
    ScoresAdjusted = Warning "scores.adjusted" "an administrator changed the scores of many copies" {
        exam_id: ExamId,
        change_set_id: ChangeSetId,
        reason: Reason,
        adjusted: u32,
        refused: u32,
    }
    ResultsReleased = Info "results.released" "the results of an exam were published" {
        exam_id: ExamId,
        number: u32,
        results: u32,
    }
    ResultsWithdrawn = Warning "results.withdrawn" "published results of an exam were taken back" {
        exam_id: ExamId,
        number: u32,
        results: u32,
    }
    ResultsExported = Info "results.exported" "somebody was given a table of results" {
        exam_id: ExamId,
        results: u32,
        bytes: u64,
    }
    ArchiveOrdered = Info "archive.ordered" "the corrected documents of a release are to be put into one file" {
        exam_id: ExamId,
        job_id: JobId,
        number: u32,
    }
    ArchiveMade = Info "archive.made" "the corrected documents of a release are in one file" {
        exam_id: ExamId,
        job_id: JobId,
        copies: u32,
        bytes: u64,
        attempt: u16,
    }
    ArchiveAttemptFailed = Warning "archive.attempt_failed" "an attempt to make an archive failed and will be repeated" {
        exam_id: ExamId,
        job_id: JobId,
        error: FailureCode,
        attempt: u16,
    }
    ArchiveFailed = Error "archive.failed" "an archive could not be made" {
        exam_id: ExamId,
        job_id: JobId,
        error: FailureCode,
        attempt: u16,
    }
    ArchiveExported = Info "archive.exported" "somebody was given an archive of corrected documents" {
        exam_id: ExamId,
        copies: u32,
        bytes: u64,
    }
    ExamChanged = Info "exam.changed" "an exam was changed" { exam_id: ExamId }
    SchemeChanged = Info "exam.scheme_changed" "the marking scheme of an exam was changed" {
        exam_id: ExamId,
        questions: u32,
    }
    ExamValidated = Info "exam.validated" "the copies of an exam were validated" {
        exam_id: ExamId,
        validated: u32,
        refused: u32,
    }
    ExamDispatched = Info "exam.dispatched" "the copies of an exam were shared out" {
        exam_id: ExamId,
        copies: u32,
        kept: u32,
    }
    CorrectorChosen = Info "copy.corrector_chosen" "an administrator chose who is to correct a copy" {
        copy_id: CopyId,
    }
}
