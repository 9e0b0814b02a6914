//! A graded copy whose score an administrator changes: its document is made anew.

use crate::audit::Metadata;
use crate::change_set::Adjustment;
use crate::copy::{Asked, Copy, Grading, Refusal, Started, State};
use crate::ids::Ids;

impl Copy {
    /// The copy takes its part of a set of changes. Results that pupils can see are to be withdrawn first.
    pub fn adjust(
        self,
        adjustment: &Adjustment,
        released: bool,
        asked: Asked,
        ids: &Ids,
    ) -> Result<Started, Refusal> {
        match self.state {
            State::Graded { pages, grading } if !released => {
                let grading = Grading {
                    score: grading.score + adjustment.delta,
                    max: grading.max,
                    retries: 0,
                };
                let metadata = Metadata::Correction {
                    change_set_id: adjustment.change_set,
                    delta: adjustment.delta,
                    score: grading.score,
                    max: grading.max,
                };
                Ok(self.handed_to_worker(State::GradingInProgress { pages, grading }, metadata, asked, ids))
            }
            State::Graded { .. } => Err(Refusal::WrongState(self.state.status())),
            State::Staging(_)
            | State::Discarded(_)
            | State::Ready { .. }
            | State::Locked { .. }
            | State::GradingInProgress { .. }
            | State::GradingFailed { .. } => Err(Refusal::NotGraded),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::copy::samples::{allowed, grading, in_time, pages, refused, sample};
    use crate::points::Points;
    use crate::reason::Reason;

    #[test]
    fn a_graded_copy_is_adjusted_unless_pupils_see_the_result_and_its_document_is_made_anew() {
        let adjustment = &Adjustment {
            change_set: Uuid::from_u128(9).into(),
            reason: Reason::MarkingError,
            question: None,
            delta: Points::from_quarters(-3),
        };
        let adjust =
            |released| move |copy: Copy| copy.adjust(adjustment, released, in_time(), &Ids::sequence());
        assert_eq!(allowed(adjust(false)), ["graded"]);
        assert!(allowed(adjust(true)).is_empty());
        assert!(
            refused(adjust(true))
                .iter()
                .all(|(name, refusal)| *refusal == Refusal::NotGraded && *name != "graded")
        );
        let started = adjust(false)(sample("graded")).unwrap();
        let after = Grading {
            score: Points::from_quarters(47),
            ..grading()
        };
        let state = State::GradingInProgress {
            pages: pages(),
            grading: after,
        };
        assert_eq!(started.transition().copy().state, state);
        assert_eq!(
            serde_json::to_value(&started.transition().event().metadata).unwrap(),
            json!({
                "change_set_id": Uuid::from_u128(9).to_string(), "delta": "-0.75", "score": "11.75", "max": "20",
            })
        );
    }
}
