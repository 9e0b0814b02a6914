//! Jobs: claimed, refused, lost, handed back, picked up again.

use std::time::Duration;

use domain::{BatchId, CopyId, JobId};

use crate::causes::Causes;
use crate::code::Code;

closed! {
    /// The answer to a claim.
    ClaimOutcome {
        /// The worker has the job.
        Granted = "granted",
        /// The job has ended.
        Finished = "finished",
        /// Another worker has it.
        Leased = "leased",
        /// Its next attempt is not due.
        NotDue = "not_due",
        /// There is no such job.
        Unknown = "unknown",
    }
}

closed! {
    /// Why the reconciler took up a job.
    ReconcileReason {
        /// Its worker gave no sign of life.
        LeaseExpired = "lease_expired",
        /// It waits and no message points to it.
        Unannounced = "unannounced",
    }
}

events! {
    JOB;

    JobClaimed = Info "job.claimed" "a worker claimed a job" {
        job_id: JobId,
        copy_id: Option<CopyId>,
        batch_id: Option<BatchId>,
        attempt: u16,
        fence: i64,
    }
    JobClaimRefused = Info "job.claim_refused" "a claim was refused" { job_id: JobId, reason: ClaimOutcome }
    JobLeaseLost = Warning "job.lease_lost" "a worker lost its job and dropped the work" {
        job_id: JobId,
        fence: i64,
    }
    JobReportLate = Warning "job.report_late" "a report came from a worker that no longer has the job" {
        job_id: JobId,
        fence: i64,
    }
    JobHandedBack = Info "job.handed_back" "a worker that shuts down gave a job back" { job_id: JobId, fence: i64 }
    JobReconciled = Warning "job.reconciled" "the reconciler took up a job" {
        job_id: JobId,
        reason: ReconcileReason,
    }
    JobCancelled = Warning "job.cancelled" "a person called a job off" { job_id: JobId, attempt: u16 }
    JobRetried = Info "job.retried" "a person had a job tried again" { job_id: JobId, by_job: JobId }
    DeadLetterDismissed = Warning "job.dead_letter_dismissed" "an operator throws a dead letter away" {
        job_id: Option<JobId>,
    }
    JobFinished = Info "job.finished" "a worker finished a job" { job_id: JobId, pages: u32, duration: Duration }
    JobAttemptFailed = Warning "job.attempt_failed" "a worker could not finish a job" {
        job_id: JobId,
        error: Code,
        duration: Duration,
    }
    JobReportFailed = Error "job.report_failed" "a worker could not report the outcome of a job" {
        job_id: JobId,
        error: Causes,
    }
    JobReportKept = Warning "job.report_kept" "the failure of a job could not be reported yet and is kept in a file" {
        job_id: JobId,
        fence: i64,
        error: Causes,
    }
    JobReportNotKept = Error "job.report_not_kept" "the failure of a job could be neither reported nor kept" {
        job_id: JobId,
        error: Causes,
    }
    JobReportReplayed = Info "job.report_replayed" "a failure that was kept in a file is reported" {
        job_id: JobId,
        fence: i64,
        accepted: bool,
    }
    JobReportRefused = Error "job.report_refused" "a failure that was kept in a file is not understood and was set aside" {
        job_id: JobId,
        fence: i64,
        error: Causes,
    }
    JobReportUnreadable = Error "job.report_unreadable" "a file is not the report that was kept in it and was set aside" {}
    JobReportsUnavailable = Error "job.reports_unavailable" "the directory of reports cannot be used" { error: Causes }
    MessageUnreadable = Error "job.message_unreadable" "a message is of an unknown kind or broken" {}
    JobNotReconciled = Error "job.not_reconciled" "the reconciler could not take up a job" { job_id: JobId, error: Causes }
}
