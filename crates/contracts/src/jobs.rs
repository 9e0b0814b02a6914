//! Job messages: what travels in a queue.

use domain::{JobId, JobKind};
use prost::Message as _;

mod generated {
    include!(concat!(env!("OUT_DIR"), "/korrigo.jobs.v1.rs"));
}

/// The AMQP `type` of the messages that this build writes and reads.
pub const JOB_MESSAGE_V1: &str = "korrigo.jobs.v1.JobMessage";

/// The queue, and the routing key, of a kind of job.
#[must_use]
pub fn queue_of(kind: JobKind) -> &'static str {
    match kind {
        JobKind::ImportCopy | JobKind::SplitBatch | JobKind::MakeArchive => "korrigo.pdf.import",
        JobKind::FinalizeCopy => "korrigo.pdf.finalize",
        JobKind::ReadIdentity => "korrigo.pdf.identity",
    }
}

/// The body of the message that points to `job`.
#[must_use]
pub fn encode(job: JobId) -> Vec<u8> {
    generated::JobMessage {
        job_id: job.to_string(),
    }
    .encode_to_vec()
}

/// The job that a message points to.
///
/// # Errors
/// The type is not one that this build knows, or the body is not of that type.
pub fn decode(kind: &str, body: &[u8]) -> Result<JobId, Unreadable> {
    if kind != JOB_MESSAGE_V1 {
        return Err(Unreadable::UnknownType);
    }
    let message = generated::JobMessage::decode(body).map_err(|_not_protobuf| Unreadable::Malformed)?;
    message.job_id.parse().map_err(|_not_an_id| Unreadable::Malformed)
}

/// Why a message cannot be worked on. It belongs among the dead letters, for a person to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Unreadable {
    /// Written by a version that this build does not know.
    #[error("unknown message type")]
    UnknownType,
    /// Not a message at all.
    #[error("malformed message")]
    Malformed,
}

#[cfg(test)]
mod tests {
    use domain::Ids;

    use super::*;

    #[test]
    fn a_message_reads_back() {
        let job = Ids::sequence().next();
        assert_eq!(decode(JOB_MESSAGE_V1, &encode(job)), Ok(job));
    }

    #[test]
    fn other_types_and_other_bytes_are_unreadable() {
        let body = encode(Ids::sequence().next());
        assert_eq!(
            decode("korrigo.jobs.v9.JobMessage", &body),
            Err(Unreadable::UnknownType)
        );
        for body in [&b""[..], b"\xff\xff", b"not protobuf"] {
            assert_eq!(decode(JOB_MESSAGE_V1, body), Err(Unreadable::Malformed));
        }
    }
}
