//! Jobs.

use contracts::grading as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::names::{FailureCode, JobKind, JobState};
use super::time;

/// A piece of background work.
#[derive(Serialize, ToSchema)]
pub(crate) struct Job {
    #[schema(format = Uuid)]
    pub(super) id: String,
    #[schema(value_type = JobKind)]
    pub(super) kind: String,
    #[schema(value_type = JobState)]
    pub(super) state: String,
    /// How many attempts have begun.
    pub(super) attempt: u32,
    pub(super) max_attempts: u32,
    pub(super) progress: Progress,
    /// Why the last attempt failed.
    #[schema(value_type = Option<FailureCode>, required = true)]
    pub(super) error_code: Option<String>,
    /// When the next attempt begins, after one that failed.
    #[schema(format = DateTime, required = true)]
    pub(super) next_attempt_at: Option<String>,
    #[schema(format = Uuid, required = true)]
    pub(super) copy_id: Option<String>,
    /// The batch it splits; always null for a single copy.
    #[schema(format = Uuid, required = true)]
    pub(super) batch_id: Option<String>,
    /// Counts the changes; the `id` of the job's events.
    pub(super) revision: i64,
}

/// How much of a job is done.
#[derive(Serialize, ToSchema)]
pub(crate) struct Progress {
    /// Pages done.
    pub(super) done: u32,
    /// Pages in all; 0 while that is unknown.
    pub(super) total: u32,
}

impl From<pb::Job> for Job {
    fn from(job: pb::Job) -> Self {
        Self {
            id: job.id,
            kind: job.kind,
            state: job.state,
            attempt: job.attempt,
            max_attempts: job.max_attempts,
            progress: Progress {
                done: job.done,
                total: job.total,
            },
            error_code: some(job.error_code),
            next_attempt_at: job.next_attempt_at.as_ref().and_then(time::text),
            copy_id: some(job.copy_id),
            batch_id: None,
            revision: job.revision,
        }
    }
}

/// Empty text on the wire is none.
pub(super) fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}
