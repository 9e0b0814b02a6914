//! Erasing what shows who wrote a copy and what was said about it. Its score and its trail stay.

use crate::audit::{EraseCause, Metadata};
use crate::copy::{Asked, Copy, Import, Refusal, State, Transition};

impl Copy {
    /// Whether the copy is in nobody's hands: neither a corrector nor a worker has anything to do with it now.
    #[must_use]
    pub fn may_be_erased(&self) -> bool {
        match self.state {
            State::Staging(Import::Done { .. } | Import::Failed { .. })
            | State::Discarded(_)
            | State::Ready { .. }
            | State::Graded { .. }
            | State::GradingFailed { .. } => true,
            State::Staging(Import::Pending) | State::Locked { .. } | State::GradingInProgress { .. } => false,
        }
    }

    /// Its pages, documents and words are erased. That cannot be undone.
    pub fn erase(self, cause: EraseCause, asked: Asked) -> Result<Transition, Refusal> {
        if !self.may_be_erased() {
            return Err(Refusal::WrongState(self.state.status()));
        }
        let state = self.state;
        Ok(self.to(state, asked.actor(), asked.operation, Metadata::Erase { cause }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copy::samples::{allowed, in_time, sample};

    #[test]
    fn what_a_corrector_or_a_worker_has_in_hand_is_not_erased() {
        let erase = |copy: Copy| copy.erase(EraseCause::Pupil, in_time());
        let allowed = allowed(erase);
        for held in ["importing", "locked", "grading"] {
            assert!(!allowed.contains(&held), "{held}");
        }
        for free in ["imported", "ready", "graded"] {
            assert!(allowed.contains(&free), "{free}");
        }
    }

    #[test]
    fn the_state_and_the_score_stay() {
        let graded = sample("graded");
        let before = graded.state;
        let erased = graded
            .erase(EraseCause::Retention, in_time())
            .unwrap()
            .into_copy();
        assert_eq!(erased.state, before);
    }
}
