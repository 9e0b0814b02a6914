//! From corrected to graded, and back: finalizing, its outcome, opening again, handing out.

use crate::audit::{self, Actor, Event, Metadata, UnlockReason};
use crate::copy::{Asked, Attempted, Copy, Grading, Refusal, Started, State, Transition};
use crate::digest::Digest;
use crate::failure::FailureCode;
use crate::ids::Ids;
use crate::job::{Job, JobKind};
use crate::points::Points;
use crate::reason::Reason;

/// What the marks of a copy add up to, out of what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// The total.
    pub total: Points,
    /// The maximum of the exam.
    pub max: Points,
}

closed_names! {
    /// Which of the two corrected documents.
    Variant {
        /// With everything on it.
        Full = "full",
        /// Without what shows who wrote the copy.
        Anonymous = "anonymous",
    }
}

/// That somebody is given a document, to be recorded before the first byte leaves.
#[derive(Debug)]
#[must_use = "what is not recorded must not be handed out"]
pub struct Disclosure {
    event: Event,
}

impl Disclosure {
    /// The event.
    #[must_use]
    pub fn event(&self) -> &Event {
        &self.event
    }
}

impl Copy {
    /// The corrector is done: the score is frozen, the lock ends and the corrected document is to be made. Where that
    /// has failed, it is to be tried again with the score as it was frozen, and no lock is needed.
    pub fn finalize(
        self,
        token: Option<Digest>,
        tally: Tally,
        asked: Asked,
        ids: &Ids,
    ) -> Result<Started, Refusal> {
        match self.state {
            State::GradingFailed { pages, grading, .. } => {
                let metadata = Metadata::Retry {
                    job: JobKind::FinalizeCopy,
                };
                let grading = Grading {
                    retries: 0,
                    ..grading
                };
                Ok(self.handed_to_worker(State::GradingInProgress { pages, grading }, metadata, asked, ids))
            }
            State::Graded { .. } => Err(Refusal::AlreadyGraded),
            State::Staging(_)
            | State::Discarded(_)
            | State::Ready { .. }
            | State::Locked { .. }
            | State::GradingInProgress { .. } => {
                let (lock, pages) = self.held_lock(token, asked)?;
                let Tally { total, max } = tally;
                if total.is_negative() || total > max {
                    return Err(Refusal::ScoreOutOfRange { total, max });
                }
                let metadata = Metadata::Unlock {
                    fence: lock.fence,
                    reason: UnlockReason::Finalized,
                };
                let grading = Grading {
                    score: total,
                    max,
                    retries: 0,
                };
                Ok(self.handed_to_worker(State::GradingInProgress { pages, grading }, metadata, asked, ids))
            }
        }
    }

    fn handed_to_worker(self, state: State, metadata: Metadata, asked: Asked, ids: &Ids) -> Started {
        let job = Job::queued(JobKind::FinalizeCopy, self.id, asked.by, ids);
        let transition = self.to(state, Actor::User(asked.by), asked.operation, metadata);
        Started::new(transition, job)
    }

    /// The worker made the corrected document.
    pub fn complete_finalize(self, document: Digest, attempted: Attempted) -> Result<Transition, Refusal> {
        match self.state {
            State::GradingInProgress { pages, grading } => {
                let metadata = Metadata::Finalize(audit::Finalize::new(grading, Ok(document)));
                let state = State::Graded { pages, grading };
                Ok(self.to(state, attempted.by, attempted.operation, metadata))
            }
            State::Staging(_)
            | State::Discarded(_)
            | State::Ready { .. }
            | State::Locked { .. }
            | State::Graded { .. }
            | State::GradingFailed { .. } => Err(Refusal::WrongState(self.state.status())),
        }
    }

    /// An attempt to make the corrected document failed. If it was the last, the copy waits for a person.
    pub fn fail_finalize(
        self,
        code: FailureCode,
        will_retry: bool,
        attempted: Attempted,
    ) -> Result<Transition, Refusal> {
        match self.state {
            State::GradingInProgress { pages, grading } => {
                let grading = Grading {
                    retries: attempted.attempt,
                    ..grading
                };
                let metadata = Metadata::Finalize(audit::Finalize::new(grading, Err(code)));
                let state = if will_retry {
                    State::GradingInProgress { pages, grading }
                } else {
                    State::GradingFailed { pages, grading, code }
                };
                Ok(self.to(state, attempted.by, attempted.operation, metadata))
            }
            State::Staging(_)
            | State::Discarded(_)
            | State::Ready { .. }
            | State::Locked { .. }
            | State::Graded { .. }
            | State::GradingFailed { .. } => Err(Refusal::WrongState(self.state.status())),
        }
    }

    /// An administrator has the copy corrected again. Results that pupils can see are to be withdrawn first.
    pub fn reopen(self, reason: Reason, released: bool, asked: Asked) -> Result<Transition, Refusal> {
        match self.state {
            State::Graded { pages, .. } | State::GradingFailed { pages, .. } if !released => Ok(self.to(
                State::Ready { pages },
                Actor::User(asked.by),
                asked.operation,
                Metadata::Reopen { reason },
            )),
            State::Graded { .. }
            | State::GradingFailed { .. }
            | State::Staging(_)
            | State::Discarded(_)
            | State::Ready { .. }
            | State::Locked { .. }
            | State::GradingInProgress { .. } => Err(Refusal::WrongState(self.state.status())),
        }
    }

    /// Somebody is given the corrected document with these bytes.
    pub fn export(&self, variant: Variant, document: Digest, asked: Asked) -> Result<Disclosure, Refusal> {
        match self.state {
            State::Graded { .. } => Ok(Disclosure {
                event: Event {
                    copy: self.id,
                    actor: Actor::User(asked.by),
                    operation: asked.operation,
                    metadata: Metadata::Export {
                        variant,
                        sha256: document.to_string(),
                    },
                },
            }),
            State::Staging(_)
            | State::Discarded(_)
            | State::Ready { .. }
            | State::Locked { .. }
            | State::GradingInProgress { .. }
            | State::GradingFailed { .. } => Err(Refusal::NotGraded),
        }
    }
}
