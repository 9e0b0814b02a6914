//! Jobs.

use contracts::grading as pb;
use domain::{JobKind, JobState};
use serde::Serialize;
use utoipa::ToSchema;

use super::names;
use super::time;

/// A piece of background work.
#[derive(Serialize, ToSchema)]
pub(crate) struct Job {
    #[schema(format = Uuid)]
    pub(super) id: String,
    #[schema(value_type = names::JobKind)]
    kind: String,
    #[schema(value_type = names::JobState)]
    state: String,
    /// How many attempts have begun.
    attempt: u32,
    max_attempts: u32,
    progress: Progress,
    /// Why the last attempt failed.
    #[schema(value_type = Option<names::FailureCode>, required = true)]
    error_code: Option<String>,
    /// When the next attempt begins, after one that failed.
    #[schema(format = DateTime, required = true)]
    next_attempt_at: Option<String>,
    /// The copy that it is about; null for a job about a batch or an exam.
    #[schema(format = Uuid, required = true)]
    copy_id: Option<String>,
    /// The batch that it takes apart; null for a job about one copy or an exam.
    #[schema(format = Uuid, required = true)]
    batch_id: Option<String>,
    /// Counts the changes; the `id` of the job's events.
    revision: i64,
    /// The request that caused it; null in the answer to a request that orders one, which has it in `X-Request-ID`.
    #[schema(required = true)]
    request_id: Option<String>,
}

/// How much of a job is done.
#[derive(Serialize, ToSchema)]
pub(crate) struct Progress {
    /// Pages done; documents, where it makes an archive.
    done: u32,
    /// Pages, or documents, in all; 0 while that is unknown.
    total: u32,
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
            batch_id: some(job.batch_id),
            revision: job.revision,
            request_id: some(job.request_id),
        }
    }
}

impl Job {
    /// A job as it was when it was ordered, not as it is now: the same request with the same `Idempotency-Key` gets
    /// the same answer, to the byte, however far the job is by then.
    pub(super) fn ordered(kind: JobKind, id: String) -> Self {
        Self {
            id,
            kind: kind.to_string(),
            state: JobState::Queued.to_string(),
            attempt: 0,
            max_attempts: domain::Job::MAX_ATTEMPTS.into(),
            progress: Progress { done: 0, total: 0 },
            error_code: None,
            next_attempt_at: None,
            copy_id: None,
            batch_id: None,
            revision: 0,
            request_id: None,
        }
    }

    /// It is about this copy.
    pub(super) fn of_copy(self, id: String) -> Self {
        Self {
            copy_id: Some(id),
            ..self
        }
    }

    /// It is about this batch.
    pub(super) fn of_batch(self, id: String) -> Self {
        Self {
            batch_id: Some(id),
            ..self
        }
    }
}

/// Empty text on the wire is none.
pub(super) fn some(text: String) -> Option<String> {
    Some(text).filter(|text| !text.is_empty())
}
