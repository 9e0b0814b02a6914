//! What every report of a worker begins with: which job, which worker, under which fence.

use contracts::{Fields, Problem};
use domain::audit::Actor;
use domain::copy::Attempted;
use domain::{Job, JobId, WorkerId};
use uuid::Uuid;

/// Who reports on what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Report {
    pub(crate) job: JobId,
    pub(crate) worker: WorkerId,
    pub(crate) fence: i64,
}

impl Report {
    pub(crate) fn parse(job: &str, worker: &str, fence: i64) -> Result<Self, Problem> {
        let mut fields = Fields::default();
        let job = fields.parse("/job_id", job);
        let worker = fields.parse("/worker_id", worker);
        match (job, worker) {
            (Some(job), Some(worker)) => Ok(Self { job, worker, fence }),
            _ => Err(fields.problem()),
        }
    }
}

/// The attempt that ends its job. The job is the operation: whatever it does to a copy, it does once.
pub(crate) fn attempted(job: &Job, report: Report) -> Attempted {
    Attempted {
        by: Actor::Service(report.worker),
        operation: Uuid::from(job.id).into(),
        attempt: job.attempt,
    }
}

/// An attempt that may not be the last of its job: an operation of its own, told from the others by its number.
pub(crate) fn attempted_in_vain(job: &Job, report: Report) -> Attempted {
    let operation = Uuid::from_u128(Uuid::from(job.id).as_u128() ^ u128::from(job.attempt));
    Attempted {
        operation: operation.into(),
        ..attempted(job, report)
    }
}
