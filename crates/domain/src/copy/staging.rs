//! A person looks at the pages before anybody corrects them.

use crate::audit::Metadata;
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
        Ok(self.to(State::Ready { pages }, asked.actor(), asked.operation, metadata))
    }

    /// An administrator puts the copy aside. While its import runs it cannot be: the worker would come back to
    /// nothing.
    pub fn discard(self, reason: Reason, asked: Asked) -> Result<Transition, Refusal> {
        match self.state {
            State::Staging(import @ (Import::Done { .. } | Import::Failed { .. })) => {
                let metadata = Metadata::Discard { reason };
                Ok(self.to(State::Discarded(import), asked.actor(), asked.operation, metadata))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copy::samples::{allowed, in_time, pages, refused, sample};

    #[test]
    fn only_a_copy_with_pages_is_validated_and_only_once() {
        let validate = |copy: Copy| copy.validate(in_time());
        assert_eq!(allowed(validate), ["imported"]);
        assert_eq!(
            refused(validate),
            [
                ("importing", Refusal::NoPages),
                ("import failed", Refusal::NoPages)
            ]
        );
        let ready = validate(sample("imported")).unwrap().into_copy();
        assert_eq!(ready.state, State::Ready { pages: pages() });
    }

    #[test]
    fn only_what_was_never_ready_is_put_aside_and_not_under_the_hands_of_the_worker() {
        let discard = |copy: Copy| copy.discard(Reason::BadScan, in_time());
        assert_eq!(allowed(discard), ["imported", "import failed"]);
        assert_eq!(refused(discard), []);
        for name in ["imported", "import failed"] {
            let before = sample(name).state;
            let after = discard(sample(name)).unwrap().into_copy().state;
            assert!(matches!((before, after), (State::Staging(was), State::Discarded(is)) if was == is));
        }
    }
}
