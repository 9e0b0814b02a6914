//! Sets of changes: the scores of many copies, changed at once by an administrator.
//!
//! A change stands beside what the corrector gave, which stays as it is. A copy takes as much of it as keeps its score,
//! and the question that it is about, between nothing and the maximum; what it takes is what is stored.

use crate::Timestamp;
use crate::copy::Grading;
use crate::ids::{ChangeSetId, ExamId, UserId};
use crate::marks::Marks;
use crate::points::Points;
use crate::prose::Prose;
use crate::reason::Reason;
use crate::scheme::{MarkingScheme, QuestionId};

/// The scores of many copies, changed at once.
#[derive(Clone, PartialEq, Eq)]
pub struct ChangeSet {
    /// Its id.
    pub id: ChangeSetId,
    /// The exam.
    pub exam: ExamId,
    /// Who changed them.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// Why.
    pub reason: Reason,
    /// Why, in their words. They are not for the trail.
    pub words: Option<Prose>,
    /// The question that it is about, if it is about one.
    pub question: Option<QuestionId>,
    /// What each copy is given, or loses.
    pub delta: Points,
}

/// What a set of changes did to a copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adjustment {
    /// Which set.
    pub change_set: ChangeSetId,
    /// Why.
    pub reason: Reason,
    /// The question that it is about, if it is about one.
    pub question: Option<QuestionId>,
    /// What the copy was given, or lost.
    pub delta: Points,
}

/// Why a change makes no sense.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotAChange {
    /// It gives and takes nothing.
    #[error("no points")]
    Nothing,
    /// The marking scheme has no such question, or it is a group.
    #[error("no such question")]
    UnknownQuestion,
}

impl ChangeSet {
    /// Checks that it changes something that is there.
    pub fn check(&self, scheme: Option<&MarkingScheme>) -> Result<(), NotAChange> {
        let known = |question| scheme.and_then(|scheme| scheme.max_of(question)).is_some();
        if self.delta == Points::ZERO {
            Err(NotAChange::Nothing)
        } else if self.question.as_ref().is_some_and(|question| !known(question)) {
            Err(NotAChange::UnknownQuestion)
        } else {
            Ok(())
        }
    }

    /// How much of it a copy takes that was given this.
    #[must_use]
    pub fn part_for(&self, grading: Grading, marks: &Marks, scheme: Option<&MarkingScheme>) -> Points {
        let wanted = match &self.question {
            Some(question) => {
                let max = scheme.and_then(|scheme| scheme.max_of(question));
                within(marks.points_of(question), self.delta, max.unwrap_or_default())
            }
            None => self.delta,
        };
        within(grading.score, wanted, grading.max)
    }

    /// What it does to a copy that takes this much of it.
    #[must_use]
    pub fn adjustment(&self, delta: Points) -> Adjustment {
        Adjustment {
            change_set: self.id,
            reason: self.reason,
            question: self.question.clone(),
            delta,
        }
    }
}

/// How much of `delta` can be added to `points` within zero and `max`. What is beyond them already is not taken back:
/// more points never become fewer.
fn within(points: Points, delta: Points, max: Points) -> Points {
    let part = (points + delta).clamp(Points::ZERO, max.max(Points::ZERO)) - points;
    if delta.is_negative() {
        part.min(Points::ZERO)
    } else {
        part.max(Points::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::scheme::{Question, QuestionLabel, Worth};

    fn points(quarters: i32) -> Points {
        Points::from_quarters(quarters)
    }

    fn set(question: Option<&str>, delta: i32) -> ChangeSet {
        ChangeSet {
            id: Uuid::from_u128(1).into(),
            exam: Uuid::from_u128(2).into(),
            by: Uuid::from_u128(3).into(),
            at: chrono::DateTime::from_timestamp(1000, 0).unwrap(),
            reason: Reason::MarkingError,
            words: None,
            question: question.map(|id| id.parse().unwrap()),
            delta: points(delta),
        }
    }

    fn scheme() -> MarkingScheme {
        let leaf = |id: &str, quarters| Question {
            id: id.parse().unwrap(),
            label: QuestionLabel::new("Une question").unwrap(),
            worth: Worth::Points(points(quarters)),
        };
        MarkingScheme::new(vec![leaf("1", 20), leaf("2", 60)]).unwrap()
    }

    fn grading(score: i32) -> Grading {
        Grading {
            score: points(score),
            max: points(80),
            retries: 0,
        }
    }

    fn marks(first: i32) -> Marks {
        Marks {
            scores: [("1".parse().unwrap(), points(first))].into(),
            ..Marks::default()
        }
    }

    #[test]
    fn a_change_is_of_something_and_about_a_question_that_is_there() {
        let check = |question, delta| set(question, delta).check(Some(&scheme()));
        assert_eq!(check(None, -4), Ok(()));
        assert_eq!(check(Some("1"), 4), Ok(()));
        assert_eq!(check(None, 0), Err(NotAChange::Nothing));
        assert_eq!(check(Some("3"), 4), Err(NotAChange::UnknownQuestion));
        let without = set(Some("1"), 4).check(None);
        assert_eq!(without, Err(NotAChange::UnknownQuestion));
    }

    #[test]
    fn a_copy_takes_as_much_as_fits() {
        let part = |set: ChangeSet, score, first| {
            set.part_for(grading(score), &marks(first), Some(&scheme()))
                .quarters()
        };
        assert_eq!(part(set(None, 4), 50, 0), 4);
        assert_eq!(part(set(None, 4), 78, 0), 2);
        assert_eq!(part(set(None, -4), 3, 0), -3);
        assert_eq!(part(set(None, 4), 80, 0), 0);
        // The question has less room than the copy, and the other way round.
        assert_eq!(part(set(Some("1"), 8), 50, 15), 5);
        assert_eq!(part(set(Some("1"), -8), 50, 15), -8);
        assert_eq!(part(set(Some("1"), 8), 79, 0), 1);
        assert_eq!(part(set(Some("2"), -1), 50, 15), 0);
    }

    #[test]
    fn what_changed_a_question_before_counts() {
        let before = set(Some("1"), 3).adjustment(points(3));
        let marks = Marks {
            adjustments: vec![before],
            ..marks(15)
        };
        let part = set(Some("1"), 8).part_for(grading(50), &marks, Some(&scheme()));
        assert_eq!(part.quarters(), 2);
    }

    proptest! {
        #[test]
        fn whatever_is_changed_the_score_stays_where_it_can_be(
            score in 0..=80i32, deltas in prop::collection::vec(-200..200i32, 0..10),
        ) {
            let (scheme, mut marks) = (scheme(), Marks::default());
            marks.deltas.push(points(score));
            let mut grading = grading(score);
            for delta in deltas {
                let set = set(None, delta);
                let part = set.part_for(grading, &marks, Some(&scheme));
                grading.score = grading.score + part;
                marks.adjustments.push(set.adjustment(part));
                prop_assert!((0..=80).contains(&grading.score.quarters()));
                prop_assert!(part.quarters().abs() <= delta.abs());
                prop_assert_eq!(marks.total(grading.max), grading.score);
            }
        }
    }
}
