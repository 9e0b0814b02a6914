//! Archives go with what they show.

use domain::ExamId;
use store::Tx;
use telemetry::metrics::{self, JobEnd};

use crate::error::Error;

/// A job that was called off, to be counted once that is committed.
#[must_use = "its end is counted"]
#[derive(Default)]
pub(crate) struct CalledOff(Option<domain::Job>);

impl CalledOff {
    /// Counts it, if there was one.
    pub(crate) fn publish(self) {
        if let Some(job) = self.0 {
            metrics::job_ended(job.task.kind(), JobEnd::Cancelled);
        }
    }
}

/// Forgets the archive of an exam, and calls off the job that makes it. Whoever calls this has locked the exam: nobody
/// orders another one of the same documents meanwhile.
pub(crate) fn drop_of(tx: &mut Tx<'_>, exam: ExamId) -> Result<CalledOff, Error> {
    let Some(view) = tx.archives().of_exam(exam)? else {
        return Ok(CalledOff::default());
    };
    // As everywhere the job comes first. One that has ended stays as it is.
    let job = tx.jobs().for_update(view.archive.job)?;
    let called_off = job.and_then(|job| job.cancel().ok());
    if let Some(job) = &called_off {
        tx.jobs().save(job)?;
    }
    tx.archives().delete(view.archive.id)?;
    Ok(CalledOff(called_off))
}
