//! A worker reports that an attempt failed.

use contracts::{Code, FieldCode, Problem, grading as pb};
use domain::copy::Attempted;
use domain::job::Failed;
use domain::{BatchId, CopyId, ExamId, FailureCode, Ids, Job, Task};
use store::{Entry, Tx};
use telemetry::events::{
    ArchiveAttemptFailed, ArchiveFailed, FinalizeAttemptFailed, FinalizeFailed, ImportAttemptFailed,
    ImportExhausted, ImportFailed, JobReportLate, ReadingFailed, SplitAttemptFailed, SplitExhausted,
    SplitFailed,
};
use telemetry::metrics::{self, JobEnd};

use crate::announcement;
use crate::app::App;
use crate::error::Error;
use crate::recorded;
use crate::report::{Report, attempted, attempted_in_vain};

/// Another attempt after a pause, or the end of the job with the failure in the copy and its trail.
pub(crate) async fn run(app: &App, request: pb::FailRequest) -> Result<pb::FailReply, Error> {
    let report = Report::parse(&request.job_id, &request.worker_id, request.fence)?;
    let code: FailureCode = request
        .error_code
        .parse()
        .map_err(|_unknown| Problem::field("/error_code", FieldCode::Malformed))?;
    let ids = app.ids.clone();
    let outcome = app
        .database
        .transaction("fail_job", move |tx| {
            let Some(job) = tx.jobs().for_update(report.job)? else {
                return Ok::<_, Error>(Outcome::Late);
            };
            if job.fence == report.fence && job.failure == Some(code) && job.lease.is_none() {
                return Ok(Outcome::KnownBefore {
                    will_retry: !job.state.is_final(),
                });
            }
            let now = tx.now()?;
            match job.fail(report.fence, code, now) {
                Ok(failed) => settle(tx, failed, report, &ids).map(Outcome::Settled),
                Err(_late) => Ok(Outcome::Late),
            }
        })
        .await?;
    Ok(match outcome {
        Outcome::Settled(ended) => {
            ended.publish();
            pb::FailReply {
                accepted: true,
                will_retry: ended.will_retry,
            }
        }
        Outcome::KnownBefore { will_retry } => pb::FailReply {
            accepted: true,
            will_retry,
        },
        Outcome::Late => {
            telemetry::log(JobReportLate {
                job_id: report.job,
                fence: report.fence,
            });
            pb::FailReply {
                accepted: false,
                will_retry: false,
            }
        }
    })
}

enum Outcome {
    Settled(Ended),
    /// The worker did not get the first answer.
    KnownBefore {
        will_retry: bool,
    },
    Late,
}

/// What became of a failed attempt.
pub(crate) struct Ended {
    job: Job,
    will_retry: bool,
    event: Option<Entry>,
}

impl Ended {
    /// The copies of what is committed.
    pub(crate) fn publish(&self) {
        recorded::publish(self.event);
        let error = self.job.failure.unwrap_or(FailureCode::Unknown);
        let end = if self.will_retry {
            JobEnd::Retried
        } else {
            JobEnd::Failed
        };
        metrics::job_ended(self.job.task.kind(), end);
        match self.job.task {
            Task::Import(copy) => self.import_failed(copy, error),
            Task::Finalize(copy) => self.finalize_failed(copy, error),
            Task::Split(batch) => self.split_failed(batch, error),
            Task::Read(copy_id) => telemetry::log(ReadingFailed {
                copy_id,
                job_id: self.job.id,
                error,
                attempt: self.job.attempt,
            }),
            Task::Archive(exam) => self.archive_failed(exam, error),
        }
    }

    fn import_failed(&self, copy_id: CopyId, error: FailureCode) {
        let (job_id, attempt) = (self.job.id, self.job.attempt);
        if self.will_retry {
            telemetry::log(ImportAttemptFailed {
                copy_id,
                job_id,
                error,
                attempt,
            });
        } else if error.is_retryable() {
            telemetry::log(ImportExhausted {
                copy_id,
                job_id,
                error,
                attempt,
            });
        } else {
            telemetry::log(ImportFailed {
                copy_id,
                job_id,
                error,
                attempt,
            });
        }
    }

    fn finalize_failed(&self, copy_id: CopyId, error: FailureCode) {
        let (job_id, attempt) = (self.job.id, self.job.attempt);
        if self.will_retry {
            telemetry::log(FinalizeAttemptFailed {
                copy_id,
                job_id,
                error,
                attempt,
            });
        } else {
            telemetry::log(FinalizeFailed {
                copy_id,
                job_id,
                error,
                attempt,
            });
        }
    }

    fn archive_failed(&self, exam_id: ExamId, error: FailureCode) {
        let (job_id, attempt) = (self.job.id, self.job.attempt);
        if self.will_retry {
            telemetry::log(ArchiveAttemptFailed {
                exam_id,
                job_id,
                error,
                attempt,
            });
        } else {
            telemetry::log(ArchiveFailed {
                exam_id,
                job_id,
                error,
                attempt,
            });
        }
    }

    fn split_failed(&self, batch_id: BatchId, error: FailureCode) {
        let (job_id, attempt) = (self.job.id, self.job.attempt);
        if self.will_retry {
            telemetry::log(SplitAttemptFailed {
                batch_id,
                job_id,
                error,
                attempt,
            });
        } else if error.is_retryable() {
            telemetry::log(SplitExhausted {
                batch_id,
                job_id,
                error,
                attempt,
            });
        } else {
            telemetry::log(SplitFailed {
                batch_id,
                job_id,
                error,
                attempt,
            });
        }
    }
}

/// Stores what a failed attempt leads to. A failed import leaves an event when it is given up, a failed finalization each
/// time.
pub(crate) fn settle(tx: &mut Tx<'_>, failed: Failed, report: Report, ids: &Ids) -> Result<Ended, Error> {
    let (job, will_retry) = match failed {
        Failed::Retry { job, .. } => (job, true),
        Failed::GivenUp(job) => (job, false),
    };
    tx.jobs().save(&job)?;
    if will_retry {
        tx.outbox().enqueue(&announcement::of(&job, ids))?;
    }
    let attempted = match job.task {
        Task::Import(_) | Task::Split(_) | Task::Read(_) | Task::Archive(_) => attempted(&job, report),
        Task::Finalize(_) => attempted_in_vain(&job, report),
    };
    let event = in_vain(tx, &job, will_retry, attempted)?;
    Ok(Ended {
        job,
        will_retry,
        event,
    })
}

/// Stores what a job that did not get through means for what it is about.
pub(crate) fn in_vain(
    tx: &mut Tx<'_>,
    job: &Job,
    will_retry: bool,
    attempted: Attempted,
) -> Result<Option<Entry>, Error> {
    let code = job.failure.unwrap_or(FailureCode::Unknown);
    match job.task {
        Task::Import(_) | Task::Split(_) if will_retry => Ok(None),
        // No copy depends on it: its job says all there is to say.
        Task::Read(_) | Task::Archive(_) => Ok(None),
        Task::Import(copy) => {
            let copy = tx.copies().for_update(copy)?.ok_or(Code::NotFound)?;
            Ok(Some(tx.record(&copy.fail_import(code, attempted)?)?))
        }
        Task::Finalize(copy) => {
            let copy = tx.copies().for_update(copy)?.ok_or(Code::NotFound)?;
            Ok(Some(
                tx.record(&copy.fail_finalize(code, will_retry, attempted)?)?,
            ))
        }
        Task::Split(batch) => {
            let batch = tx.batches().for_update(batch)?.ok_or(Code::NotFound)?;
            let failed = batch.fail(code).map_err(|_ended| Code::WrongState)?;
            tx.batches().end(&failed)?;
            Ok(None)
        }
    }
}
