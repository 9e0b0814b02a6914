//! Who corrects a copy: how the lock is taken, kept and given back.

use crate::Timestamp;
use crate::audit::{Actor, Metadata, UnlockReason};
use crate::copy::{Asked, Copy, Refusal, State, Transition};
use crate::digest::Digest;
use crate::ids::OperationId;
use crate::lock::{Lock, Ttl};
use crate::page::PageCount;
use crate::reason::Reason;

/// What asking for a lock leads to.
#[derive(Debug)]
pub enum Locking {
    /// The caller has it now.
    Taken(Box<Transition>),
    /// The caller had it already: the same fence, a new token, a new end.
    Renewed(Lock),
}

impl Copy {
    /// Whether a lock has ended by itself and was not tidied up yet.
    #[must_use]
    pub fn has_lapsed_lock(&self, now: Timestamp) -> bool {
        self.state.lock().is_some_and(|lock| lock.has_expired(now))
    }

    /// Tidies up a lock that has ended by itself: the copy is READY again.
    pub fn lapse(self, now: Timestamp, by: Actor, operation: OperationId) -> Result<Transition, Refusal> {
        match self.state {
            State::Locked { pages, lock } if lock.has_expired(now) => {
                Ok(self.unlocked(pages, lock, UnlockReason::Expired, (by, operation)))
            }
            State::Locked { .. }
            | State::Staging(_)
            | State::Discarded(_)
            | State::Ready { .. }
            | State::GradingInProgress { .. }
            | State::Graded { .. }
            | State::GradingFailed { .. } => Err(Refusal::WrongState(self.state.status())),
        }
    }

    /// A corrector takes the copy, or keeps it. A lapsed lock is to be tidied up first.
    pub fn lock(self, token: Digest, ttl: Ttl, asked: Asked) -> Result<Locking, Refusal> {
        match self.state {
            State::Ready { pages } => {
                let lock = Lock {
                    owner: asked.by,
                    token,
                    fence: self.lock_fence + 1,
                    ttl,
                    expires_at: asked.now + ttl.time(),
                };
                let metadata = Metadata::Lock { fence: lock.fence };
                let copy = Self {
                    lock_fence: lock.fence,
                    ..self
                };
                Ok(Locking::Taken(Box::new(copy.to(
                    State::Locked { pages, lock },
                    asked.actor(),
                    asked.operation,
                    metadata,
                ))))
            }
            // To renew it would be to go on under the fence of a lock that has ended.
            State::Locked { lock, .. } if lock.has_expired(asked.now) => Err(Refusal::Expired),
            State::Locked { lock, .. } if lock.owner == asked.by => {
                Ok(Locking::Renewed(Lock { token, ttl, ..lock }.extended(asked.now)))
            }
            State::Locked { lock, .. } => Err(Refusal::AlreadyLocked {
                expires_at: lock.expires_at,
            }),
            State::Staging(_)
            | State::Discarded(_)
            | State::GradingInProgress { .. }
            | State::Graded { .. }
            | State::GradingFailed { .. } => Err(Refusal::WrongState(self.state.status())),
        }
    }

    /// A sign of life of the corrector: the lock as it is from now on.
    pub fn heartbeat(&self, token: Option<Digest>, asked: Asked) -> Result<Lock, Refusal> {
        let token = token.ok_or(Refusal::TokenMismatch)?;
        let (lock, _) = self.held_lock(Some(token), asked)?;
        Ok(lock.extended(asked.now))
    }

    /// The corrector gives the copy back. Without a lock there is nothing to do.
    pub fn release(self, token: Option<Digest>, asked: Asked) -> Result<Option<Transition>, Refusal> {
        match self.state {
            State::Locked { pages, lock } => {
                if lock.owner != asked.by || token != Some(lock.token) {
                    return Err(Refusal::TokenMismatch);
                }
                let reason = if lock.has_expired(asked.now) {
                    UnlockReason::Expired
                } else {
                    UnlockReason::Released
                };
                let who = (asked.actor(), asked.operation);
                Ok(Some(self.unlocked(pages, lock, reason, who)))
            }
            State::Staging(_)
            | State::Discarded(_)
            | State::Ready { .. }
            | State::GradingInProgress { .. }
            | State::Graded { .. }
            | State::GradingFailed { .. } => Ok(None),
        }
    }

    /// An administrator takes the copy from its corrector. If nobody has it there is nothing to do.
    pub fn force_release(self, reason: Reason, asked: Asked) -> Result<Option<Transition>, Refusal> {
        match self.state {
            State::Locked { pages, lock } => {
                let metadata = Metadata::ForceUnlock {
                    fence: lock.fence,
                    reason,
                };
                Ok(Some(self.to(
                    State::Ready { pages },
                    asked.actor(),
                    asked.operation,
                    metadata,
                )))
            }
            State::Ready { .. } => Ok(None),
            State::Staging(_)
            | State::Discarded(_)
            | State::GradingInProgress { .. }
            | State::Graded { .. }
            | State::GradingFailed { .. } => Err(Refusal::WrongState(self.state.status())),
        }
    }

    /// The lock that the caller proves to have, and the pages of the copy.
    pub(super) fn held_lock(
        &self,
        token: Option<Digest>,
        asked: Asked,
    ) -> Result<(Lock, PageCount), Refusal> {
        // Whoever shows a token had a lock once; whoever shows none may not know that one is needed.
        let lost = if token.is_some() {
            Refusal::Expired
        } else {
            Refusal::LockRequired
        };
        match self.state {
            State::Locked { pages, lock } if lock.owner == asked.by => {
                if token != Some(lock.token) {
                    Err(Refusal::TokenMismatch)
                } else if lock.has_expired(asked.now) {
                    Err(Refusal::Expired)
                } else {
                    Ok((lock, pages))
                }
            }
            State::Locked { lock, .. } if lock.has_expired(asked.now) => Err(lost),
            State::Locked { lock, .. } => Err(Refusal::AlreadyLocked {
                expires_at: lock.expires_at,
            }),
            State::Ready { .. } => Err(lost),
            State::Staging(_)
            | State::Discarded(_)
            | State::GradingInProgress { .. }
            | State::Graded { .. }
            | State::GradingFailed { .. } => Err(Refusal::WrongState(self.state.status())),
        }
    }

    fn unlocked(
        self,
        pages: PageCount,
        lock: Lock,
        reason: UnlockReason,
        (by, operation): (Actor, OperationId),
    ) -> Transition {
        let metadata = Metadata::Unlock {
            fence: lock.fence,
            reason,
        };
        self.to(State::Ready { pages }, by, operation, metadata)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copy::samples::{
        LAPSED, TAKEN, allowed, asked, at, copy, in_time, lock, other_token, owner, pages, refused, sample,
        somebody_else, token,
    };

    const STILL: i64 = LAPSED - 1;

    fn said(transition: &Transition) -> serde_json::Value {
        serde_json::to_value(&transition.event().metadata).unwrap()
    }

    #[test]
    fn a_ready_copy_is_taken_under_the_next_fence() {
        let take = |copy: Copy| copy.lock(other_token(), Ttl::USUAL, asked(somebody_else(), STILL));
        assert_eq!(allowed(take), ["ready"]);
        let held = Refusal::AlreadyLocked {
            expires_at: at(LAPSED),
        };
        assert_eq!(refused(take), [("locked", held)]);
        let Ok(Locking::Taken(transition)) = take(sample("ready")) else {
            panic!("it is not taken")
        };
        let taken = Lock {
            owner: somebody_else(),
            token: other_token(),
            fence: 8,
            ttl: Ttl::USUAL,
            expires_at: at(STILL + 600),
        };
        let copy = transition.copy();
        assert_eq!(
            copy.state,
            State::Locked {
                pages: pages(),
                lock: taken
            }
        );
        assert_eq!((copy.lock_fence, copy.version), (8, 1));
        assert_eq!(said(&transition), serde_json::json!({"fence": 8}));
    }

    #[test]
    fn the_owner_gets_it_again_under_the_same_fence_with_a_new_token_and_a_new_end() {
        let ttl = Ttl::from_seconds(60).unwrap();
        let Ok(Locking::Renewed(renewed)) = sample("locked").lock(other_token(), ttl, in_time()) else {
            panic!("it is not renewed")
        };
        let expected = Lock {
            token: other_token(),
            ttl,
            expires_at: at(TAKEN + 61),
            ..lock()
        };
        assert_eq!(renewed, expected);
    }

    #[test]
    fn a_lapsed_lock_is_tidied_up_and_taken_over_under_a_new_fence() {
        let locked = sample("locked");
        assert!(!locked.has_lapsed_lock(at(STILL)));
        assert!(locked.has_lapsed_lock(at(LAPSED)));
        for user in [owner(), somebody_else()] {
            let asked = asked(user, LAPSED);
            let untidied = sample("locked").lock(other_token(), Ttl::USUAL, asked);
            assert_eq!(untidied.err(), Some(Refusal::Expired));
            let tidied = sample("locked")
                .lapse(asked.now, Actor::User(user), asked.operation)
                .unwrap();
            assert_eq!(
                said(&tidied),
                serde_json::json!({"fence": 7, "reason": "expired"})
            );
            let taken = tidied.into_copy().lock(other_token(), Ttl::USUAL, asked);
            assert!(matches!(taken, Ok(Locking::Taken(taken)) if taken.copy().lock_fence == 8));
        }
    }

    #[test]
    fn only_a_lapsed_lock_lapses() {
        let lapse = |second| {
            move |copy: Copy| {
                let asked = asked(owner(), second);
                copy.lapse(asked.now, asked.actor(), asked.operation)
            }
        };
        assert!(allowed(lapse(STILL)).is_empty());
        assert_eq!(allowed(lapse(LAPSED)), ["locked"]);
        assert_eq!((refused(lapse(STILL)), refused(lapse(LAPSED))), (vec![], vec![]));
    }

    #[test]
    fn a_sign_of_life_extends_the_lock_by_its_own_time() {
        let beat = |copy: Copy| copy.heartbeat(Some(token()), in_time());
        assert_eq!(allowed(beat), ["locked"]);
        assert_eq!(refused(beat), [("ready", Refusal::Expired)]);
        let extended = Lock {
            expires_at: at(TAKEN + 601),
            ..lock()
        };
        assert_eq!(beat(sample("locked")), Ok(extended));
    }

    #[test]
    fn without_its_token_a_lock_is_not_kept_alive() {
        let beat = |token, by, second| sample("locked").heartbeat(token, asked(by, second)).err();
        assert_eq!(beat(None, owner(), STILL), Some(Refusal::TokenMismatch));
        assert_eq!(
            beat(Some(other_token()), owner(), STILL),
            Some(Refusal::TokenMismatch)
        );
        assert_eq!(beat(Some(token()), owner(), LAPSED), Some(Refusal::Expired));
        let held = Refusal::AlreadyLocked {
            expires_at: at(LAPSED),
        };
        assert_eq!(beat(Some(token()), somebody_else(), STILL), Some(held));
        let without = sample("ready").heartbeat(None, in_time());
        assert_eq!(without.err(), Some(Refusal::TokenMismatch));
    }

    #[test]
    fn the_owner_gives_the_copy_back_in_time_or_too_late() {
        for (second, reason) in [(STILL, "released"), (LAPSED, "expired")] {
            let released = sample("locked").release(Some(token()), asked(owner(), second));
            let transition = released.unwrap().unwrap();
            assert_eq!(transition.copy().state, State::Ready { pages: pages() });
            assert_eq!(
                said(&transition),
                serde_json::json!({"fence": 7, "reason": reason})
            );
        }
    }

    #[test]
    fn nobody_else_gives_it_back_and_where_there_is_no_lock_there_is_nothing_to_do() {
        for (token, by) in [
            (None, owner()),
            (Some(other_token()), owner()),
            (Some(token()), somebody_else()),
        ] {
            let release = |copy: Copy| copy.release(token, asked(by, STILL));
            assert_eq!(refused(release), [("locked", Refusal::TokenMismatch)]);
            for name in allowed(release) {
                assert!(matches!(release(sample(name)), Ok(None)), "{name}");
            }
            assert_eq!(allowed(release).len() + 1, allowed(|_any| Ok(())).len());
        }
    }

    #[test]
    fn an_administrator_frees_a_copy_whoever_has_it() {
        let free = |copy: Copy| copy.force_release(Reason::CorrectorAbsent, asked(somebody_else(), STILL));
        assert_eq!(allowed(free), ["ready", "locked"]);
        assert_eq!(refused(free), []);
        assert!(matches!(free(sample("ready")), Ok(None)));
        let transition = free(copy(sample("locked").state)).unwrap().unwrap();
        assert_eq!(transition.copy().state, State::Ready { pages: pages() });
        assert_eq!(
            said(&transition),
            serde_json::json!({"fence": 7, "reason": "corrector_absent"})
        );
        // The one who had it finds that out at the next write.
        let left = transition.into_copy();
        assert_eq!(left.heartbeat(Some(token()), in_time()), Err(Refusal::Expired));
    }
}
