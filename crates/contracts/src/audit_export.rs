//! An export of the audit trail: one JSON object per line, with sorted keys and no spaces, so that there is one way to
//! write it. First a header, then every event in the order of the tree, then the signed checkpoint that vouches for
//! them and the public key that it is signed with.

use domain::audit::{Leaf, Recorded, VerifyingKey};
use domain::{Digest, EventId, Timestamp};
use serde_json::{Value, json};
use uuid::Uuid;

/// The version of the format.
const VERSION: u64 = 1;

/// What the first line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Whose trail it is: the name of the key.
    pub origin: String,
    /// How many events there are.
    pub size: u64,
}

/// A line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// The first.
    Header(Header),
    /// An event and its leaf.
    Event(Box<Export>),
    /// The last but one: a signed note.
    Checkpoint(String),
    /// The last: the public key.
    Key(String),
}

/// An event as it is exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Export {
    /// Its place in the tree.
    pub position: u64,
    /// The event.
    pub event: Recorded,
    /// The hash of its leaf.
    pub leaf: Digest,
}

impl Export {
    /// Of an event, and what the database has as its leaf.
    #[must_use]
    pub fn of(leaf: &Leaf, event: Recorded) -> Self {
        Self {
            position: leaf.position,
            event,
            leaf: leaf.digest(),
        }
    }

    /// The leaf that this event has, if nothing was altered.
    #[must_use]
    pub fn expected_leaf(&self) -> Digest {
        let Recorded {
            trail,
            seq,
            hash,
            id,
            version,
            ..
        } = self.event;
        let leaf = Leaf {
            position: self.position,
            trail,
            seq,
            hash,
            event: id,
            version,
        };
        leaf.digest()
    }
}

impl Line {
    /// The last line of an export.
    #[must_use]
    pub fn key(key: &VerifyingKey) -> Self {
        Self::Key(key.to_string())
    }

    /// The line, without its end.
    #[must_use]
    pub fn write(&self) -> String {
        match self {
            Self::Header(Header { origin, size }) => {
                json!({ "type": "export", "version": VERSION, "origin": origin, "size": size })
            }
            Self::Event(export) => event(export),
            Self::Checkpoint(note) => json!({ "type": "checkpoint", "note": note }),
            Self::Key(key) => json!({ "type": "key", "key": key }),
        }
        .to_string()
    }

    /// The line that was written like this; `None` if none was.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        let value: Value = serde_json::from_str(text).ok()?;
        let line = match string(&value, "type")?.as_str() {
            "export" => Self::Header(Header {
                origin: string(&value, "origin")?,
                size: value.get("size")?.as_u64()?,
            }),
            "event" => Self::Event(Box::new(export(&value)?)),
            "checkpoint" => Self::Checkpoint(string(&value, "note")?),
            "key" => Self::Key(string(&value, "key")?),
            _ => return None,
        };
        // There is one way to write it: no second spelling, no further keys.
        (line.write() == text).then_some(line)
    }
}

fn event(export: &Export) -> Value {
    let Export {
        position,
        event,
        leaf,
    } = export;
    json!({
        "type": "event",
        "position": position,
        // The copy, or the person, whose trail it is.
        "copy_id": event.trail.to_string(),
        "seq": event.seq,
        "event_id": event.id.to_string(),
        "action": event.action,
        "actor_kind": event.actor_kind,
        "actor_id": event.actor_id.to_string(),
        "operation_id": event.operation.to_string(),
        "at_microseconds": event.at.timestamp_micros(),
        "copy_version": event.version,
        "metadata": event.metadata,
        "prev": event.prev.to_string(),
        "hash": event.hash.to_string(),
        "leaf": leaf.to_string(),
    })
}

fn export(value: &Value) -> Option<Export> {
    let id = |key| Uuid::try_parse(&string(value, key)?).ok();
    let number = |key| value.get(key)?.as_i64();
    let digest = |key| string(value, key)?.parse::<Digest>().ok();
    Some(Export {
        position: value.get("position")?.as_u64()?,
        event: Recorded {
            id: EventId::from(id("event_id")?),
            trail: id("copy_id")?.into(),
            seq: number("seq")?,
            action: string(value, "action")?,
            actor_kind: string(value, "actor_kind")?,
            actor_id: id("actor_id")?,
            operation: id("operation_id")?.into(),
            at: Timestamp::from_timestamp_micros(number("at_microseconds")?)?,
            version: number("copy_version")?,
            metadata: string(value, "metadata")?,
            prev: digest("prev")?,
            hash: digest("hash")?,
        },
        leaf: digest("leaf")?,
    })
}

fn string(value: &Value, key: &str) -> Option<String> {
    value.get(key)?.as_str().map(str::to_owned)
}
