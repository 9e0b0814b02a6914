//! One event, before and after it is recorded.

use uuid::Uuid;

use crate::Timestamp;
use crate::audit::{Action, Actor, Metadata};
use crate::digest::Digest;
use crate::ids::{CopyId, EventId, OperationId};

/// What is to be recorded. Sequence, time and chain are the database's to set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// On which copy.
    pub copy: CopyId,
    /// By whom.
    pub actor: Actor,
    /// As part of what. The same operation records an action on a copy once.
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
    /// On which copy.
    pub copy: CopyId,
    /// Position in the trail of the copy, from 1.
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
    /// The version that the copy had then.
    pub version: i64,
    /// The metadata as the database writes it.
    pub metadata: String,
    /// The hash of the event before.
    pub prev: Digest,
    /// The hash of this event.
    pub hash: Digest,
}
