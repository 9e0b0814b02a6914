//! Typed ids in one list, and the one place that makes new ones.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use uuid::Uuid;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;

            fn from_str(text: &str) -> Result<Self, NotAnId> {
                Uuid::try_parse(text).map(Self).map_err(|_not_a_uuid| NotAnId)
            }
        }
    )*};
}

ids! {
    /// An exam.
    ExamId;
    /// One pupil's copy of an exam.
    CopyId;
    /// A scan of many copies in one file.
    BatchId;
    /// A booklet: the pages of a copy that came in one file.
    BookletId;
    /// A piece of work for a worker.
    JobId;
    /// A message that waits in the outbox, or has left it.
    OutboxId;
    /// Something drawn or written on a page of a copy.
    AnnotationId;
    /// A person with access.
    UserId;
    /// A pupil, with or without access.
    StudentId;
    /// A set of changes of scores.
    ChangeSetId;
    /// One publication of the results of an exam.
    ReleaseId;
    /// The corrected documents of a release in one file.
    ArchiveId;
    /// A trail: the id of the copy, or of the person, whose it is.
    TrailId;
    /// An audit event.
    EventId;
    /// What an audit event was part of: a job, or a request with an idempotency key.
    OperationId;
    /// One run of one worker process.
    WorkerId;
}

/// The text is not a UUID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a uuid")]
pub struct NotAnId;

/// Makes new ids. Cheap to clone; injected wherever ids are made, so that a test can foretell them.
#[derive(Debug, Clone, Default)]
pub struct Ids(Source);

#[derive(Debug, Clone, Default)]
enum Source {
    #[default]
    TimeOrdered,
    Sequence(Arc<AtomicU64>),
}

impl Ids {
    /// Ids that sort by the time they were made (UUID version 7).
    #[must_use]
    pub fn time_ordered() -> Self {
        Self(Source::TimeOrdered)
    }

    /// The ids 1, 2, 3 and so on, for tests whose output is compared.
    #[must_use]
    pub fn sequence() -> Self {
        Self(Source::Sequence(Arc::new(AtomicU64::new(1))))
    }

    /// A new id of the type that is asked for.
    #[must_use]
    pub fn next<Id: From<Uuid>>(&self) -> Id {
        Id::from(match &self.0 {
            Source::TimeOrdered => time_ordered(),
            Source::Sequence(next) => Uuid::from_u64_pair(0, next.fetch_add(1, Ordering::Relaxed)),
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "this is the one place that makes ids")]
fn time_ordered() -> Uuid {
    Uuid::now_v7()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sequence_counts_up_across_clones_and_types() {
        let ids = Ids::sequence();
        let first: CopyId = ids.next();
        let second: JobId = ids.next();
        assert_eq!(Uuid::from(first).as_u128() + 1, Uuid::from(second).as_u128());
    }

    #[test]
    fn an_id_reads_back_from_its_text_and_other_text_is_refused() {
        let id: CopyId = Ids::time_ordered().next();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!("DUPONT Marie".parse::<CopyId>(), Err(NotAnId));
    }
}
