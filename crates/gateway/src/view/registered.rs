//! The answer to an upload.
//!
//! It shows the job as it was when the copy was registered, not as it is now: the same request with the
//! same `Idempotency-Key` gets the same answer, to the byte, however far the job is by then.

use contracts::grading as pb;
use domain::{JobKind, JobState};
use serde::Serialize;
use utoipa::ToSchema;

use super::Job;
use super::job::Progress;

/// A copy that was registered, and the job that imports it.
#[derive(Serialize, ToSchema)]
pub(crate) struct Registered {
    #[schema(format = Uuid)]
    copy_id: String,
    job: Job,
}

impl From<pb::RegisterCopyReply> for Registered {
    fn from(reply: pb::RegisterCopyReply) -> Self {
        let job = Job {
            id: reply.job_id,
            kind: JobKind::ImportCopy.to_string(),
            state: JobState::Queued.to_string(),
            attempt: 0,
            max_attempts: domain::Job::MAX_ATTEMPTS.into(),
            progress: Progress { done: 0, total: 0 },
            error_code: None,
            next_attempt_at: None,
            copy_id: Some(reply.copy_id.clone()),
            batch_id: None,
            revision: 0,
        };
        Self {
            copy_id: reply.copy_id,
            job,
        }
    }
}
