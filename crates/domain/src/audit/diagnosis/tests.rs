//! Every way in which a trail of five events can be altered, with and without the leaves as witnesses.

use uuid::Uuid;

use super::*;
use crate::ids::Ids;
use Tampering::{
    ChainRewritten, Edited, HeadMoved, Inserted, MissingFirst, MissingLast, MissingMiddle, OutsideTree,
    Swapped,
};

/// A trail that can be altered.
#[derive(Clone)]
struct Sample {
    events: Vec<Recorded>,
    leaves: Vec<Leaf>,
    link: Option<Link>,
}

impl Sample {
    /// Of five events, all in the tree.
    fn new() -> Self {
        let ids = Ids::sequence();
        let mut sample = Self {
            events: Vec::new(),
            leaves: Vec::new(),
            link: None,
        };
        for seq in 1..=5 {
            sample.events.push(Recorded {
                id: ids.next(),
                trail: Uuid::from_u128(7).into(),
                seq,
                action: "VALIDATE".to_owned(),
                actor_kind: "user".to_owned(),
                actor_id: Uuid::from_u128(9),
                operation: ids.next(),
                at: at(seq),
                version: seq,
                metadata: "{\"pages\": 2}".to_owned(),
                prev: Digest::from(GENESIS),
                hash: Digest::from(GENESIS),
            });
        }
        sample.chain();
        sample.leaves = sample
            .events
            .iter()
            .zip(10..)
            .map(|(event, position)| Leaf {
                position,
                trail: event.trail,
                seq: event.seq,
                hash: event.hash,
                event: event.id,
                version: event.version,
            })
            .collect();
        sample
    }

    /// Makes a chain of the events as they are, and moves the head.
    fn chain(&mut self) {
        let mut head = Digest::from(GENESIS);
        for event in &mut self.events {
            event.prev = head;
            event.hash = chain::hash(event);
            head = event.hash;
        }
        let seq = self.events.len().try_into().unwrap();
        self.link = Some(Link { seq, head });
    }

    /// Gives the events the numbers of their places.
    fn number(&mut self) {
        for (event, seq) in self.events.iter_mut().zip(1..) {
            event.seq = seq;
        }
    }

    fn found(&self) -> Option<(i64, Tampering)> {
        let Self { events, leaves, link } = self;
        Trail {
            events,
            leaves,
            link: *link,
            fresh: (at(4), at(9)),
        }
        .diagnose()
    }

    fn without_leaves(mut self) -> Self {
        self.leaves.clear();
        for event in &mut self.events {
            event.at = at(5);
        }
        self.chain();
        self
    }
}

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_timestamp(seconds, 0).unwrap_or_default()
}

fn after(sample: &Sample, alter: impl FnOnce(&mut Sample)) -> Option<(i64, Tampering)> {
    let mut altered = sample.clone();
    alter(&mut altered);
    altered.found()
}

#[test]
fn what_was_written_is_right_also_while_it_waits_for_the_tree() {
    assert_eq!(Sample::new().found(), None);
    assert_eq!(Sample::new().without_leaves().found(), None);
    let mut nothing = Sample::new();
    nothing.events.clear();
    nothing.leaves.clear();
    nothing.link = None;
    assert_eq!(nothing.found(), None);
}

#[test]
fn an_edit_of_any_column_is_found_where_it_is() {
    type Edit = fn(&mut Recorded);
    let other = Digest::of(b"other");
    let hashed: [Edit; 7] = [
        |event| event.action.push('X'),
        |event| event.actor_kind.push('X'),
        |event| event.actor_id = Uuid::nil(),
        |event| event.operation = Uuid::nil().into(),
        |event| event.at += chrono::TimeDelta::microseconds(1),
        |event| event.metadata.push(' '),
        |event| event.trail = Uuid::nil().into(),
    ];
    for edit in hashed {
        for sample in [Sample::new(), Sample::new().without_leaves()] {
            assert_eq!(
                after(&sample, |sample| edit(&mut sample.events[2])),
                Some((3, Edited))
            );
        }
    }
    let sample = Sample::new();
    let vouched: [Edit; 2] = [|event| event.id = Uuid::nil().into(), |event| event.version += 1];
    for edit in vouched {
        assert_eq!(
            after(&sample, |sample| edit(&mut sample.events[2])),
            Some((3, Edited))
        );
    }
    assert_eq!(
        after(&sample, |sample| sample.events[2].prev = other),
        Some((3, Edited))
    );
    assert_eq!(
        after(&sample, |sample| sample.events[2].hash = other),
        Some((3, Edited))
    );
}

#[test]
fn what_is_gone_is_named_by_its_place_also_when_the_others_moved_up() {
    let sample = Sample::new();
    let without = |index: usize| {
        after(&sample, |sample| {
            sample.events.remove(index);
        })
    };
    assert_eq!(without(0), Some((1, MissingFirst)));
    assert_eq!(without(2), Some((3, MissingMiddle)));
    assert_eq!(without(4), Some((5, MissingLast)));
    for (index, expected) in [(0, (1, MissingFirst)), (2, (3, MissingMiddle))] {
        let moved_up = after(&sample, |sample| {
            sample.events.remove(index);
            sample.number();
        });
        assert_eq!(moved_up, Some(expected));
    }
    let cut = |sample: &mut Sample| {
        sample.events.pop();
        sample.chain();
    };
    assert_eq!(after(&sample, cut), Some((5, MissingLast)));
    assert_eq!(
        after(&sample, |sample| sample.events.clear()),
        Some((1, MissingFirst))
    );
}

#[test]
fn two_events_in_each_others_place_are_found_at_the_first_of_them() {
    for sample in [Sample::new(), Sample::new().without_leaves()] {
        let swapped = after(&sample, |sample| {
            sample.events.swap(1, 3);
            sample.number();
        });
        assert_eq!(swapped, Some((2, Swapped)));
    }
}

#[test]
fn an_event_that_was_never_written_is_found_where_it_was_put() {
    let sample = Sample::new();
    let put = |index: usize, chained: bool| {
        after(&sample, |sample| {
            let mut forged = sample.events[0].clone();
            forged.operation = Uuid::from_u128(0xf0_6ed).into();
            sample.events.insert(index, forged);
            sample.number();
            if chained {
                let prev = index.checked_sub(1).map(|before| sample.events[before].hash);
                sample.events[index].prev = prev.unwrap_or(Digest::from(GENESIS));
                sample.events[index].hash = chain::hash(&sample.events[index]);
            }
        })
    };
    for (index, seq) in [(0, 1), (2, 3), (5, 6)] {
        assert_eq!(put(index, true), Some((seq, Inserted)));
    }
    for (index, seq) in [(0, 1), (2, 3), (5, 6)] {
        assert_eq!(put(index, false), Some((seq, Inserted)), "a copy of another");
    }
    assert_eq!(after(&sample, |sample| sample.link = None), Some((1, Inserted)));
}

#[test]
fn a_chain_that_fits_together_and_was_never_written_differs_from_the_tree() {
    let sample = Sample::new();
    let rewritten = after(&sample, |sample| {
        sample.events[1].metadata = "{\"pages\": 3}".to_owned();
        sample.chain();
    });
    assert_eq!(rewritten, Some((2, ChainRewritten)));
}

#[test]
fn a_head_that_was_moved_and_an_event_that_was_never_in_the_tree_are_found() {
    let sample = Sample::new();
    let head = sample.events[2].hash;
    let moved = after(&sample, |sample| sample.link = Some(Link { seq: 3, head }));
    assert_eq!(moved, Some((3, HeadMoved)));
    let forged = after(&sample, |sample| {
        sample.link = Some(Link { seq: 5, head });
    });
    assert_eq!(forged, Some((5, HeadMoved)));
    let forgotten = after(&sample, |sample| {
        sample.leaves.truncate(2);
    });
    assert_eq!(forgotten, Some((3, OutsideTree)));
}
