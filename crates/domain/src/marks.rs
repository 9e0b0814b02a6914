//! The marks of a copy, and the one rule that makes its score of them.
//!
//! Whatever shows a score (API, corrected document, lists, statistics) asks [`Marks::total`].

use std::collections::BTreeMap;

use crate::change_set::Adjustment;
use crate::points::Points;
use crate::prose::Prose;
use crate::scheme::{MarkingScheme, QuestionId};

/// All that is said and counted about a copy besides its annotations, and the points of those.
#[derive(Clone, Default)]
pub struct Marks {
    /// Points per question.
    pub scores: BTreeMap<QuestionId, Points>,
    /// Words per question.
    pub remarks: BTreeMap<QuestionId, Prose>,
    /// Words about the whole.
    pub appreciation: Option<Prose>,
    /// What annotations add or take away.
    pub deltas: Vec<Points>,
    /// What administrators added or took away since, in the order in which they did.
    pub adjustments: Vec<Adjustment>,
}

impl Marks {
    /// The score of the copy out of `max`: the points of its questions, what annotations add or take away, and then what
    /// administrators did, which never leads below zero or above the maximum. What correctors gave may: then the copy
    /// cannot be finalized.
    #[must_use]
    pub fn total(&self, max: Points) -> Points {
        let scores: Points = self.scores.values().copied().sum();
        let given = scores + self.deltas.iter().copied().sum();
        if given.is_negative() || given > max {
            return given;
        }
        let adjusted =
            |total: Points, adjustment: &Adjustment| (total + adjustment.delta).clamp(Points::ZERO, max);
        self.adjustments.iter().fold(given, adjusted)
    }

    /// The points of a question, with what administrators did to it.
    #[must_use]
    pub fn points_of(&self, question: &QuestionId) -> Points {
        let given = self.scores.get(question).copied().unwrap_or_default();
        let of_it = self
            .adjustments
            .iter()
            .filter(|adjustment| adjustment.question.as_ref() == Some(question));
        given + of_it.map(|adjustment| adjustment.delta).sum()
    }
}

/// The most points that a copy of an exam can have.
#[must_use]
pub fn max(scheme: Option<&MarkingScheme>) -> Points {
    scheme.map_or(Points::TWENTY, MarkingScheme::max)
}

/// Why a number of points is no score for a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAScore {
    /// The marking scheme has no such question, or it is a group.
    #[error("no such question")]
    UnknownQuestion,
    /// Below zero.
    #[error("below zero")]
    Negative,
    /// More than the question can bring.
    #[error("more than {max}")]
    AboveMax {
        /// What it can bring.
        max: Points,
    },
}

/// Checks that a question can be given these points.
pub fn check_score(
    scheme: Option<&MarkingScheme>,
    question: &QuestionId,
    points: Points,
) -> Result<(), NotAScore> {
    let max = scheme
        .and_then(|scheme| scheme.max_of(question))
        .ok_or(NotAScore::UnknownQuestion)?;
    if points.is_negative() {
        Err(NotAScore::Negative)
    } else if points > max {
        Err(NotAScore::AboveMax { max })
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::scheme::{Question, QuestionLabel, Worth};

    fn scheme() -> MarkingScheme {
        let question = Question {
            id: "1".parse().unwrap(),
            label: QuestionLabel::new("Un").unwrap(),
            worth: Worth::Points(Points::from_quarters(10)),
        };
        MarkingScheme::new(vec![question]).unwrap()
    }

    #[test]
    fn a_question_takes_from_zero_to_its_maximum() {
        let scheme = scheme();
        let check = |id: &str, quarters| {
            check_score(
                Some(&scheme),
                &id.parse().unwrap(),
                Points::from_quarters(quarters),
            )
        };
        assert_eq!(check("1", 0), Ok(()));
        assert_eq!(check("1", 10), Ok(()));
        let max = Points::from_quarters(10);
        assert_eq!(check("1", 11), Err(NotAScore::AboveMax { max }));
        assert_eq!(check("1", -1), Err(NotAScore::Negative));
        assert_eq!(check("2", 1), Err(NotAScore::UnknownQuestion));
        let without = check_score(None, &"1".parse().unwrap(), Points::ZERO);
        assert_eq!(without, Err(NotAScore::UnknownQuestion));
    }

    #[test]
    fn without_a_scheme_a_copy_counts_out_of_twenty() {
        assert_eq!(max(None).to_string(), "20");
        assert_eq!(max(Some(&scheme())).to_string(), "2.5");
    }

    proptest! {
        #[test]
        fn the_total_is_the_sum_whatever_the_marks(
            scores in prop::collection::vec(0..200i32, 0..40),
            deltas in prop::collection::vec(-40..40i32, 0..40),
        ) {
            let questions = scores.iter().enumerate().map(|(number, quarters)| {
                (format!("q{number}").parse().unwrap(), Points::from_quarters(*quarters))
            });
            let marks = Marks {
                scores: questions.collect(),
                deltas: deltas.iter().copied().map(Points::from_quarters).collect(),
                ..Marks::default()
            };
            let sum: i32 = scores.iter().chain(&deltas).sum();
            prop_assert_eq!(marks.total(Points::TWENTY).quarters(), sum);
        }
    }
}
