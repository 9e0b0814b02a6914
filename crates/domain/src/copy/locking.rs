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
                    Actor::User(asked.by),
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
                let who = (Actor::User(asked.by), asked.operation);
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
                    Actor::User(asked.by),
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
