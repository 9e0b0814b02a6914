//! Whose copy it is to correct. The state of the copy stays.

use crate::audit::{DispatchHow, Metadata};
use crate::copy::{Asked, Copy, Refusal, State, Transition};
use crate::ids::UserId;

impl Copy {
    /// The copy is given to a corrector, together with others. What somebody has begun is given to nobody else.
    pub fn dispatch(self, corrector: UserId, how: DispatchHow, asked: Asked) -> Result<Transition, Refusal> {
        match self.state {
            State::Ready { .. } => Ok(self.handed_to(Some(corrector), how, asked)),
            State::Locked { lock, .. } if lock.owner == corrector => {
                Ok(self.handed_to(Some(corrector), how, asked))
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

    /// An administrator chooses the corrector, or nobody in particular. A lapsed lock is to be tidied up first. `None`
    /// if the copy is that corrector's already.
    pub fn assign(self, corrector: Option<UserId>, asked: Asked) -> Result<Option<Transition>, Refusal> {
        if self.corrector == corrector {
            return Ok(None);
        }
        match self.state {
            State::Ready { .. } | State::GradingFailed { .. } => {
                Ok(Some(self.handed_to(corrector, DispatchHow::Manual, asked)))
            }
            State::Locked { lock, .. } if Some(lock.owner) == corrector => {
                Ok(Some(self.handed_to(corrector, DispatchHow::Manual, asked)))
            }
            State::Locked { lock, .. } => Err(Refusal::AlreadyLocked {
                expires_at: lock.expires_at,
            }),
            State::Graded { .. } => Err(Refusal::AlreadyGraded),
            State::Staging(_) | State::Discarded(_) | State::GradingInProgress { .. } => {
                Err(Refusal::WrongState(self.state.status()))
            }
        }
    }

    fn handed_to(self, corrector: Option<UserId>, how: DispatchHow, asked: Asked) -> Transition {
        let metadata = Metadata::Dispatch {
            corrector_id: corrector,
            how,
            run_id: asked.operation,
        };
        let state = self.state;
        let copy = Self { corrector, ..self };
        copy.to(state, asked.actor(), asked.operation, metadata)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::copy::samples::{LAPSED, allowed, at, in_time, owner, refused, sample, somebody_else};

    #[test]
    fn copies_that_nobody_has_begun_are_given_away_and_others_only_to_who_has_them() {
        let give = |to| move |copy: Copy| copy.dispatch(to, DispatchHow::Run, in_time());
        let held = Refusal::AlreadyLocked {
            expires_at: at(LAPSED),
        };
        assert_eq!(allowed(give(somebody_else())), ["ready"]);
        assert_eq!(refused(give(somebody_else())), [("locked", held)]);
        assert_eq!(allowed(give(owner())), ["ready", "locked"]);
        let before = sample("locked");
        let given = give(owner())(before.clone()).unwrap();
        let after = given.copy();
        assert_eq!((after.state, after.version), (before.state, before.version + 1));
        assert_eq!(after.corrector, Some(owner()));
        let said = serde_json::to_value(&given.event().metadata).unwrap();
        let expected = serde_json::json!({
            "corrector_id": owner(),
            "how": "run",
            "run_id": in_time().operation,
        });
        assert_eq!(said, expected);
    }

    #[test]
    fn an_administrator_chooses_among_copies_that_are_not_done_and_that_nobody_else_holds() {
        let assign = |to| move |copy: Copy| copy.assign(to, in_time());
        let held = Refusal::AlreadyLocked {
            expires_at: at(LAPSED),
        };
        let to_another = assign(Some(somebody_else()));
        assert_eq!(allowed(to_another), ["ready", "grading failed"]);
        assert_eq!(
            refused(to_another),
            [("locked", held), ("graded", Refusal::AlreadyGraded)]
        );
        assert_eq!(
            allowed(assign(Some(owner()))),
            ["ready", "locked", "grading failed"]
        );
    }

    #[test]
    fn a_copy_is_taken_back_and_what_is_so_already_leaves_no_event() {
        let given = sample("ready").assign(Some(owner()), in_time()).unwrap().unwrap();
        let copy = given.into_copy();
        assert!(copy.clone().assign(Some(owner()), in_time()).unwrap().is_none());
        let taken = copy.assign(None, in_time()).unwrap().unwrap();
        assert_eq!((taken.copy().corrector, taken.copy().version), (None, 2));
    }
}
