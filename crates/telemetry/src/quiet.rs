//! What repeats itself is told of once a minute, with the number of times that were left out.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long something stays quiet after it was told.
const QUIET: Duration = Duration::from_mins(1);
/// How many things are told apart. Others are not told.
const ROOM: usize = 256;

/// What was told lately.
#[derive(Debug, Default)]
pub struct Quiet<K>(Mutex<BTreeMap<K, Heard>>);

#[derive(Debug)]
struct Heard {
    told: Instant,
    suppressed: u64,
}

impl<K: Ord> Quiet<K> {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// How often this was left out since it was told last; `None` if it is to stay quiet.
    pub fn due(&self, what: K) -> Option<u64> {
        let mut heard = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let room = heard.len() < ROOM;
        match heard.get_mut(&what) {
            Some(last) if now.duration_since(last.told) < QUIET => {
                last.suppressed += 1;
                None
            }
            Some(last) => {
                last.told = now;
                Some(std::mem::take(&mut last.suppressed))
            }
            None if room => {
                heard.insert(
                    what,
                    Heard {
                        told: now,
                        suppressed: 0,
                    },
                );
                Some(0)
            }
            None => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_repeats_itself_stays_quiet_and_what_is_new_does_not() {
        let quiet = Quiet::new();
        assert_eq!(quiet.due("a"), Some(0));
        assert_eq!(quiet.due("a"), None);
        assert_eq!(quiet.due("b"), Some(0));
    }

    #[test]
    fn what_is_told_after_a_while_says_how_often_it_was_left_out() {
        let quiet = Quiet::new();
        let told = Instant::now().checked_sub(QUIET).unwrap();
        quiet.0.lock().unwrap().insert("a", Heard { told, suppressed: 7 });
        assert_eq!(quiet.due("a"), Some(7));
        assert_eq!(quiet.due("a"), None);
    }
}
