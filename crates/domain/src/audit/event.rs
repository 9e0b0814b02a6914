//! One event, before and after it is recorded.

use uuid::Uuid;

use crate::Timestamp;
use crate::audit::{Action, Actor, Metadata, Subject};
use crate::digest::Digest;
use crate::ids::{EventId, OperationId, TrailId};

/// What is to be recorded. Sequence, time and chain are the database's to set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// To whom.
    pub subject: Subject,
    /// By whom.
    pub actor: Actor,
    /// As part of what. The same operation records an action in a trail once.
    pub operation: OperationId,
    /// What, with its details.
    pub metadata: Metadata,
}

impl Event {
    /// What happened.
    #[must_use]
    pub fn action(&self) -> Action {
        self.metadata.action()
    }
}

/// An event as it was recorded. The texts are kept as the database hashed them, so that a reader of a
/// newer or older version can still verify the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recorded {
    /// Its id.
    pub id: EventId,
    /// In which trail.
    pub trail: TrailId,
    /// Position in the trail, from 1.
    pub seq: i64,
    /// What happened.
    pub action: String,
    /// Type of the actor.
    pub actor_kind: String,
    /// Id of the actor.
    pub actor_id: Uuid,
    /// As part of what.
    pub operation: OperationId,
    /// When, by the database's clock.
    pub at: Timestamp,
    /// The version that the copy had then; of a person, who has no versions, 0.
    pub version: i64,
    /// The metadata as the database writes it.
    pub metadata: String,
    /// The hash of the event before.
    pub prev: Digest,
    /// The hash of this event.
    pub hash: Digest,
}

impl Recorded {
    /// To whom it happened, as the action says; `None` if it is one of another version of Korrigo.
    #[must_use]
    pub fn subject(&self) -> Option<Subject> {
        let action: Action = self.action.parse().ok()?;
        let id = Uuid::from(self.trail);
        Some(if action.happens_to_people() {
            Subject::User(id.into())
        } else {
            Subject::Copy(id.into())
        })
    }
}
