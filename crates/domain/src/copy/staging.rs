//! A person looks at the pages before anybody corrects them.

use crate::audit::{Actor, Metadata};
use crate::copy::{Asked, Copy, Import, Refusal, State, Transition};
use crate::reason::Reason;

impl Copy {
    /// A person declares the pages complete and legible.
    pub fn validate(self, asked: Asked) -> Result<Transition, Refusal> {
        let pages = match self.state {
            State::Staging(Import::Done { pages }) => pages,
            State::Staging(Import::Pending | Import::Failed { .. }) => return Err(Refusal::NoPages),
            State::Discarded(_)
            | State::Ready { .. }
            | State::Locked { .. }
            | State::GradingInProgress { .. }
            | State::Graded { .. }
            | State::GradingFailed { .. } => return Err(Refusal::WrongState(self.state.status())),
        };
        let metadata = Metadata::Validate { pages: pages.get() };
        Ok(self.to(
            State::Ready { pages },
            Actor::User(asked.by),
            asked.operation,
            metadata,
        ))
    }

    /// An administrator puts the copy aside. While its import runs it cannot be: the worker would come back to
    /// nothing.
    pub fn discard(self, reason: Reason, asked: Asked) -> Result<Transition, Refusal> {
        match self.state {
            State::Staging(import @ (Import::Done { .. } | Import::Failed { .. })) => {
                let metadata = Metadata::Discard { reason };
                Ok(self.to(
                    State::Discarded(import),
                    Actor::User(asked.by),
                    asked.operation,
                    metadata,
                ))
            }
            State::Staging(Import::Pending)
            | State::Discarded(_)
            | State::Ready { .. }
            | State::Locked { .. }
            | State::GradingInProgress { .. }
            | State::Graded { .. }
            | State::GradingFailed { .. } => Err(Refusal::WrongState(self.state.status())),
        }
    }
}
