//! Where a copy can be, found by commanding it until nothing new turns up.

use std::collections::VecDeque;

use domain::copy::{Import, State};
use domain::{Copy, Timestamp};

use crate::commands::{Answer, COMMANDS};
use crate::people;

/// A copy at a moment: a lock is alive or has lapsed.
#[derive(Clone)]
pub(crate) struct Place {
    pub(crate) copy: Copy,
    pub(crate) now: Timestamp,
}

impl Place {
    /// The state, and what of it decides which commands are allowed.
    pub(crate) fn name(&self) -> String {
        let more = match self.copy.state {
            State::Staging(Import::Pending) => ", importing",
            State::Staging(Import::Done { .. }) => ", imported",
            State::Staging(Import::Failed { .. }) => ", import failed",
            State::Discarded(_) => ", discarded",
            State::Locked { .. } if self.copy.has_lapsed_lock(self.now) => ", lapsed",
            State::Ready { .. }
            | State::Locked { .. }
            | State::GradingInProgress { .. }
            | State::Graded { .. }
            | State::GradingFailed { .. } => "",
        };
        format!("{}{more}", self.copy.state.status())
    }
}

/// Every place that a registered copy can come to, in the order of the states.
pub(crate) fn all() -> Vec<Place> {
    let first = Place {
        copy: people::registered(),
        now: Timestamp::default(),
    };
    let mut found: Vec<Place> = Vec::new();
    let mut ahead = VecDeque::from([first]);
    while let Some(place) = ahead.pop_front() {
        if found.iter().any(|known| known.name() == place.name()) {
            continue;
        }
        for command in COMMANDS {
            match (command.give)(place.copy.clone(), place.now) {
                Answer::Becomes(copy, _) => ahead.push_back(Place {
                    copy: *copy,
                    now: place.now,
                }),
                Answer::Stays(_) | Answer::Refuses(_) => {}
            }
        }
        if let Some(lock) = place.copy.state.lock() {
            ahead.push_back(Place {
                now: lock.expires_at,
                copy: place.copy.clone(),
            });
        }
        found.push(place);
    }
    found.sort_by_key(|place| place.copy.state.status());
    found
}
