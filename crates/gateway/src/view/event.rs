//! Audit events.

use contracts::{Code, grading as pb};
use serde::Serialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::job::some;
use super::names::Action;
use super::time;

/// Something that happened to a copy or a person. It is never changed.
#[derive(Serialize, ToSchema)]
pub(crate) struct Event {
    #[schema(format = Uuid)]
    id: String,
    /// Counts the events of the copy, or of the person, from 1.
    seq: i64,
    #[schema(value_type = Action)]
    action: String,
    /// `user`, `service` or `operator`.
    actor_type: String,
    /// Null if it is a pupil and the caller may not know whose copy it is.
    #[schema(format = Uuid, required = true)]
    actor_id: Option<String>,
    /// What it was part of: a job or a request.
    #[schema(format = Uuid)]
    operation_id: String,
    /// When, by the clock of the database.
    #[schema(format = DateTime)]
    at: String,
    /// What belongs to the action; a closed set of keys for each.
    #[schema(value_type = Object)]
    metadata: Map<String, Value>,
    /// The hash of the event before.
    prev: String,
    /// The hash of this event and all before it.
    hash: String,
}

/// An event of any copy or person, with its place among all of them.
#[derive(Serialize, ToSchema)]
pub(crate) struct AuditEvent {
    /// Its place in the tree that checkpoints vouch for, from 0.
    position: u64,
    /// Null if it happened to a person.
    #[schema(format = Uuid, required = true)]
    copy_id: Option<String>,
    /// Null if it happened to a copy.
    #[schema(format = Uuid, required = true)]
    user_id: Option<String>,
    #[serde(flatten)]
    event: Event,
}

impl TryFrom<pb::AuditEvent> for AuditEvent {
    type Error = Code;

    fn try_from(listed: pb::AuditEvent) -> Result<Self, Code> {
        Ok(Self {
            position: listed.position,
            copy_id: some(listed.copy_id),
            user_id: some(listed.user_id),
            event: listed.event.ok_or(Code::Internal)?.try_into()?,
        })
    }
}

/// A signed note about the tree of all events.
#[derive(Serialize, ToSchema)]
pub(crate) struct Checkpoint {
    /// How many events it vouches for.
    size: u64,
    /// The root of their tree, in hexadecimal digits.
    root: String,
    /// The signed note.
    note: String,
    /// The public key that it is signed with.
    key: String,
}

impl Checkpoint {
    /// A checkpoint that is signed with this key.
    pub(crate) fn new(listed: pb::Checkpoint, key: &str) -> Self {
        Self {
            size: listed.size,
            root: listed.root,
            note: listed.note,
            key: key.to_owned(),
        }
    }
}

impl TryFrom<pb::Event> for Event {
    type Error = Code;

    fn try_from(event: pb::Event) -> Result<Self, Code> {
        let metadata = serde_json::from_str(&event.metadata).map_err(|_not_an_object| Code::Internal)?;
        Ok(Self {
            id: event.id,
            seq: event.seq,
            action: event.action,
            actor_type: event.actor_type,
            actor_id: some(event.actor_id),
            operation_id: event.operation_id,
            at: time::required(event.at.as_ref()),
            metadata,
            prev: event.prev,
            hash: event.hash,
        })
    }
}
