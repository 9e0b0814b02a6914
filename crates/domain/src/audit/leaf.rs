//! A leaf of the tree: what it says of one event.

use uuid::Uuid;

use crate::audit::{Recorded, tree};
use crate::digest::Digest;
use crate::ids::{EventId, TrailId};

/// A leaf as the database keeps it. Besides the event's hash it vouches for the two columns that the chain leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Leaf {
    /// Its place in the tree, from 0.
    pub position: u64,
    /// The trail of the event.
    pub trail: TrailId,
    /// The event's place in it.
    pub seq: i64,
    /// The event's hash.
    pub hash: Digest,
    /// The event's id.
    pub event: EventId,
    /// The version of the copy at the event; of a person 0.
    pub version: i64,
}

impl Leaf {
    /// Its hash: of the event's hash, the event's id and the version as eight bytes.
    #[must_use]
    pub fn digest(&self) -> Digest {
        let (event, version) = (Uuid::from(self.event), self.version.to_be_bytes());
        let data = [self.hash.as_bytes().as_slice(), event.as_bytes(), &version].concat();
        tree::leaf(&data)
    }

    /// Whether this is what it says of `event`.
    #[must_use]
    pub fn is_of(&self, event: &Recorded) -> bool {
        let Recorded {
            id, version, hash, ..
        } = *event;
        (self.event, self.version, self.hash) == (id, version, hash)
    }
}
