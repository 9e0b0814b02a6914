//! What every report of a worker begins with: which job, which worker, under which fence.

use contracts::{Fields, Problem};
use domain::{JobId, WorkerId};

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
