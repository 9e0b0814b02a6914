//! The outbox row that announces a job: which queue, and which request caused it.

use contracts::jobs;
use domain::{Ids, Job};
use store::Envelope;
use telemetry::Origin;
use uuid::Uuid;

/// The announcement of `job`, as part of the request that is being served.
pub(crate) fn of(job: &Job, ids: &Ids) -> Envelope {
    let origin = Origin::current();
    Envelope {
        id: ids.next(),
        job: job.id,
        routing_key: jobs::queue_of(job.task.kind()).to_owned(),
        kind: jobs::JOB_MESSAGE_V1.to_owned(),
        body: jobs::encode(job.id),
        // A job that nobody's request led to is its own handle.
        request_id: origin.request_id.unwrap_or_else(|| Uuid::from(job.id).into()),
        traceparent: origin.traceparent,
        available_at: job.next_attempt_at,
    }
}
