//! What is wrong with one trail, told from three witnesses: its events, their leaves in the tree, and the end of the
//! trail that the row of its copy or person keeps.

use crate::Timestamp;
use crate::audit::chain::{self, GENESIS, Link};
use crate::audit::{Leaf, Recorded, Tampering};
use crate::digest::Digest;

/// All that is known of one trail.
#[derive(Debug, Clone)]
pub struct Trail<'a> {
    /// Its events, by their place.
    pub events: &'a [Recorded],
    /// Their leaves, by the same.
    pub leaves: &'a [Leaf],
    /// Where it ends, if there is such a copy or person.
    pub link: Option<Link>,
    /// Events of other times than these have to be in the tree.
    pub fresh: (Timestamp, Timestamp),
}

impl Trail<'_> {
    /// The first place at which something is wrong, and what.
    #[must_use]
    pub fn diagnose(&self) -> Option<(i64, Tampering)> {
        let mut last = Link {
            seq: 0,
            head: Digest::from(GENESIS),
        };
        if self.link.is_none()
            && let Some(stray) = self.events.first()
        {
            return Some((stray.seq, Tampering::Inserted));
        }
        for event in self.events {
            let seq = last.seq + 1;
            if event.seq != seq {
                return Some((seq, missing(seq)));
            }
            if let Some(kind) = self.wrong(event, last.head) {
                return Some((seq, kind));
            }
            last = Link {
                seq,
                head: event.hash,
            };
        }
        self.wrong_end(last)
    }

    /// What is wrong with an event that stands in its place, after the one with the hash `head`.
    fn wrong(&self, event: &Recorded, head: Digest) -> Option<Tampering> {
        let sound = event.prev == head && event.hash == chain::hash(event);
        let leaf = self.leaf(event.seq);
        if sound && leaf.is_some_and(|leaf| leaf.is_of(event)) {
            return None;
        }
        let Some(leaf) = leaf else {
            return self.wrong_without_leaf(event, sound);
        };
        // Where the event that is here was written, and where the event is that was written here.
        let written = self
            .leaves
            .iter()
            .find(|other| other.hash == event.hash && other.seq != event.seq);
        let elsewhere = |hash| {
            let mut events = self.events.iter();
            events.any(|other| other.hash == hash && other.seq != event.seq)
        };
        Some(match (written, elsewhere(leaf.hash)) {
            (Some(_), true) if !elsewhere(event.hash) => Tampering::Swapped,
            (Some(written), false) if written.seq > event.seq => missing(event.seq),
            (Some(_) | None, true) => Tampering::Inserted,
            (None, false) if sound && leaf.hash != event.hash => Tampering::ChainRewritten,
            (Some(_) | None, false) => Tampering::Edited,
        })
    }

    fn wrong_without_leaf(&self, event: &Recorded, sound: bool) -> Option<Tampering> {
        let end = self.link.map_or(0, |link| link.seq);
        let (from, to) = self.fresh;
        if sound && event.seq <= end {
            let fresh = from <= event.at && event.at <= to;
            return (!fresh).then_some(Tampering::OutsideTree);
        }
        Some(if event.seq > end {
            Tampering::Inserted
        } else if (1..=end).any(|seq| is_of_place(event, seq)) {
            Tampering::Swapped
        } else {
            Tampering::Edited
        })
    }

    /// What is wrong with the end of a trail whose events are all right, up to `last`.
    fn wrong_end(&self, last: Link) -> Option<(i64, Tampering)> {
        let next = last.seq + 1;
        let gone = if last.seq == 0 {
            Tampering::MissingFirst
        } else {
            Tampering::MissingLast
        };
        if self.leaves.iter().any(|leaf| leaf.seq > last.seq) {
            return Some((next, gone));
        }
        match self.link {
            Some(link) if link == last => None,
            Some(link) if link.seq > last.seq => Some((next, gone)),
            Some(link) => Some((link.seq.max(1), Tampering::HeadMoved)),
            None => None,
        }
    }

    fn leaf(&self, seq: i64) -> Option<&Leaf> {
        let index = self.leaves.binary_search_by_key(&seq, |leaf| leaf.seq).ok()?;
        self.leaves.get(index)
    }
}

/// Whether the hash of an event is right for another place in the trail.
fn is_of_place(event: &Recorded, seq: i64) -> bool {
    let moved = Recorded { seq, ..event.clone() };
    seq != event.seq && event.hash == chain::hash(&moved)
}

fn missing(seq: i64) -> Tampering {
    if seq == 1 {
        Tampering::MissingFirst
    } else {
        Tampering::MissingMiddle
    }
}

#[cfg(test)]
#[path = "diagnosis/tests.rs"]
mod tests;
