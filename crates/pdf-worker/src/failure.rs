//! A failed attempt: what the grading service is told of it, and what is measured when it has answered.

use std::time::Duration;

use contracts::grading as pb;
use domain::{FailureCode, JobId, WorkerId};
use serde::{Deserialize, Serialize};
use telemetry::Origin;
use telemetry::metrics::{self, Finish};

use crate::kind::Kind;

/// A failed attempt. It may lie on a disk for a while, so it has ids, numbers and closed names only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Failure {
    pub(crate) job: JobId,
    /// Who had the job.
    pub(crate) worker: WorkerId,
    pub(crate) fence: i64,
    pub(crate) error: FailureCode,
    pub(crate) kind: Kind,
    pub(crate) duration: Duration,
    /// Which request caused it, as the headers of its message say.
    pub(crate) origin: Vec<(String, String)>,
}

impl Failure {
    pub(crate) fn request(&self) -> pb::FailRequest {
        pb::FailRequest {
            job_id: self.job.to_string(),
            worker_id: self.worker.to_string(),
            fence: self.fence,
            error_code: self.error.to_string(),
        }
    }

    /// The request and the trace that it belongs to.
    pub(crate) fn origin(&self) -> Origin {
        Origin::from_pairs(&self.origin)
    }

    /// The grading service has answered. Only the last attempt is an outcome of the job.
    pub(crate) fn told(&self, reply: pb::FailReply) {
        if reply.accepted && !reply.will_retry {
            self.kind.finished(Finish::Failed, 0, self.duration);
            if matches!(self.kind, Kind::Import | Kind::Split | Kind::Read) {
                metrics::document_refused_because(self.error);
            }
        }
    }
}
