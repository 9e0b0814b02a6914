//! The hash chain of a trail, computed again without the database.
//!
//! The database writes the chain in a trigger; this is the independent reading of the same definition:
//! `SHA-256("korrigo.audit.v1" NUL ‖ prev ‖ trail ‖ seq ‖ text(action) ‖ text(actor_kind) ‖ actor_id ‖
//! operation ‖ at ‖ text(metadata))`, integers as eight bytes big-endian, `at` in microseconds since
//! 1970, ids as sixteen bytes, `text` as its length in bytes and its UTF-8.

use uuid::Uuid;

use crate::audit::Recorded;
use crate::digest::{Digest, Hasher};

/// What the first event of a trail has as `prev`.
pub const GENESIS: [u8; 32] = [0; 32];

const DOMAIN: &[u8] = b"korrigo.audit.v1\0";

/// The head of a chain as the row of the copy, or of the person, keeps it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Link {
    /// How many events there are.
    pub seq: i64,
    /// The hash of the last one.
    pub head: Digest,
}

/// Where and how a chain is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    /// An event is missing, doubled or out of order.
    #[error("event {seq} is not where it belongs")]
    Sequence {
        /// The position that should have come.
        seq: i64,
    },
    /// An event does not continue the one before it.
    #[error("event {seq} does not continue its predecessor")]
    Unlinked {
        /// Its position.
        seq: i64,
    },
    /// An event was altered.
    #[error("event {seq} was altered")]
    Altered {
        /// Its position.
        seq: i64,
    },
    /// The trail ends before, or after, what the row of its copy or person says.
    #[error("the trail ends at {seq}, the row says otherwise")]
    Head {
        /// The last position found.
        seq: i64,
    },
}

/// Checks that `events`, in order, form an unbroken chain that ends at `link`.
pub fn verify(events: &[Recorded], link: Link) -> Result<(), Broken> {
    let mut last = Link {
        seq: 0,
        head: Digest::from(GENESIS),
    };
    for event in events {
        let seq = last.seq + 1;
        if event.seq != seq {
            return Err(Broken::Sequence { seq });
        }
        if event.prev != last.head {
            return Err(Broken::Unlinked { seq });
        }
        if event.hash != hash(event) {
            return Err(Broken::Altered { seq });
        }
        last = Link {
            seq,
            head: event.hash,
        };
    }
    if last == link {
        Ok(())
    } else {
        Err(Broken::Head { seq: last.seq })
    }
}

/// The hash of an event, as it should be.
#[must_use]
pub fn hash(event: &Recorded) -> Digest {
    let mut hasher = Hasher::default();
    hasher.update(DOMAIN);
    hasher.update(event.prev.as_bytes());
    hasher.update(Uuid::from(event.trail).as_bytes());
    hasher.update(&event.seq.to_be_bytes());
    text(&mut hasher, &event.action);
    text(&mut hasher, &event.actor_kind);
    hasher.update(event.actor_id.as_bytes());
    hasher.update(Uuid::from(event.operation).as_bytes());
    hasher.update(&event.at.timestamp_micros().to_be_bytes());
    text(&mut hasher, &event.metadata);
    hasher.finish()
}

fn text(hasher: &mut Hasher, text: &str) {
    let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
    hasher.update(&length.to_be_bytes());
    hasher.update(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Ids;

    fn trail(length: i64) -> (Vec<Recorded>, Link) {
        let ids = Ids::sequence();
        let mut link = Link {
            seq: 0,
            head: Digest::from(GENESIS),
        };
        let mut events = Vec::new();
        for seq in 1..=length {
            let mut event = Recorded {
                id: ids.next(),
                trail: Uuid::from_u128(7).into(),
                seq,
                action: "VALIDATE".to_owned(),
                actor_kind: "user".to_owned(),
                actor_id: Uuid::from_u128(9),
                operation: ids.next(),
                at: chrono::DateTime::from_timestamp_micros(seq).unwrap_or_default(),
                version: seq,
                metadata: "{\"pages\": 2}".to_owned(),
                prev: link.head,
                hash: Digest::from(GENESIS),
            };
            event.hash = hash(&event);
            link = Link {
                seq,
                head: event.hash,
            };
            events.push(event);
        }
        (events, link)
    }

    #[test]
    fn an_untouched_trail_verifies_and_so_does_an_empty_one() {
        let (events, link) = trail(5);
        assert_eq!(verify(&events, link), Ok(()));
        assert_eq!(verify(&[], trail(0).1), Ok(()));
    }

    #[test]
    fn an_edited_removed_swapped_or_cut_off_event_is_found() {
        let (events, link) = trail(5);

        let mut edited = events.clone();
        edited
            .iter_mut()
            .skip(2)
            .take(1)
            .for_each(|event| event.metadata.push(' '));
        assert_eq!(verify(&edited, link), Err(Broken::Altered { seq: 3 }));

        let mut removed = events.clone();
        removed.remove(0);
        assert_eq!(verify(&removed, link), Err(Broken::Sequence { seq: 1 }));

        let mut swapped = events.clone();
        swapped.swap(1, 2);
        assert_eq!(verify(&swapped, link), Err(Broken::Sequence { seq: 2 }));

        let mut cut = events;
        cut.pop();
        assert_eq!(verify(&cut, link), Err(Broken::Head { seq: 4 }));
    }
}
