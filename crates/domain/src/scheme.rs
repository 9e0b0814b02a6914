//! The marking scheme of an exam (its barème): a tree of questions with stable ids. Its leaves carry the points.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

use crate::points::Points;

personal_text! {
    /// What a question is called.
    QuestionLabel, at most 200 characters;
}

/// The id of a question: 1 to 32 characters out of letters, digits, `.`, `_` and `-`. It stays when the label changes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QuestionId(Box<str>);

impl QuestionId {
    /// The longest id, in characters.
    pub const MAX_CHARS: usize = 32;

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for QuestionId {
    type Err = NotAQuestionId;

    fn from_str(text: &str) -> Result<Self, NotAQuestionId> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
        let fits = (1..=Self::MAX_CHARS).contains(&text.len()) && text.bytes().all(plain);
        fits.then(|| Self(text.into())).ok_or(NotAQuestionId)
    }
}

impl fmt::Display for QuestionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl serde::Serialize for QuestionId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

/// The text is not an id of a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of a question")]
pub struct NotAQuestionId;

/// A question, or a group of them.
#[derive(Clone, PartialEq, Eq)]
pub struct Question {
    /// Its id, once in the scheme.
    pub id: QuestionId,
    /// What it is called.
    pub label: QuestionLabel,
    /// What it consists of.
    pub worth: Worth,
}

/// What a question consists of.
#[derive(Clone, PartialEq, Eq)]
pub enum Worth {
    /// It carries points itself.
    Points(Points),
    /// It consists of others.
    Parts(Vec<Question>),
}

impl Question {
    /// The most points it can bring.
    #[must_use]
    pub fn max(&self) -> Points {
        match &self.worth {
            Worth::Points(points) => *points,
            Worth::Parts(parts) => parts.iter().map(Self::max).sum(),
        }
    }

    fn visit<'a>(&'a self, depth: usize, visitor: &mut impl FnMut(usize, &'a Self)) {
        visitor(depth, self);
        match &self.worth {
            Worth::Points(_) => {}
            Worth::Parts(parts) => parts.iter().for_each(|part| part.visit(depth + 1, visitor)),
        }
    }
}

/// The questions of an exam, checked as a whole.
#[derive(Clone, PartialEq, Eq)]
pub struct MarkingScheme(Vec<Question>);

/// Why a tree of questions is no marking scheme.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAScheme {
    /// There is no question, or a group without parts.
    #[error("a group has no questions")]
    Empty,
    /// There are more questions than [`MarkingScheme::MAX_QUESTIONS`], or more points than [`Points::LIMIT`].
    #[error("too many questions or points")]
    TooLarge,
    /// Groups are nested deeper than [`MarkingScheme::MAX_DEPTH`].
    #[error("too deep")]
    TooDeep,
    /// An id occurs twice.
    #[error("the id {0} occurs twice")]
    DoubledId(QuestionId),
    /// A question brings no points.
    #[error("question {0} brings no points")]
    Worthless(QuestionId),
}

impl MarkingScheme {
    /// The most questions and groups of a scheme.
    pub const MAX_QUESTIONS: usize = 500;
    /// How deep groups can be nested.
    pub const MAX_DEPTH: usize = 6;

    /// Checks the tree as a whole.
    pub fn new(questions: Vec<Question>) -> Result<Self, NotAScheme> {
        let scheme = Self(questions);
        let mut ids = BTreeSet::new();
        let (mut count, mut deepest) = (0, 0);
        let mut wrong = scheme.0.is_empty().then_some(NotAScheme::Empty);
        scheme.visit(|depth, question| {
            count += 1;
            deepest = deepest.max(depth);
            let found = match &question.worth {
                _ if !ids.insert(&question.id) => Some(NotAScheme::DoubledId(question.id.clone())),
                Worth::Points(points) if *points <= Points::ZERO => {
                    Some(NotAScheme::Worthless(question.id.clone()))
                }
                Worth::Parts(parts) if parts.is_empty() => Some(NotAScheme::Empty),
                Worth::Points(_) | Worth::Parts(_) => None,
            };
            wrong = wrong.take().or(found);
        });
        match wrong {
            Some(wrong) => Err(wrong),
            None if count > Self::MAX_QUESTIONS || scheme.max() > Points::LIMIT => Err(NotAScheme::TooLarge),
            None if deepest >= Self::MAX_DEPTH => Err(NotAScheme::TooDeep),
            None => Ok(scheme),
        }
    }

    /// The questions and groups of the first level.
    #[must_use]
    pub fn questions(&self) -> &[Question] {
        &self.0
    }

    /// The most points that a copy can have.
    #[must_use]
    pub fn max(&self) -> Points {
        self.0.iter().map(Question::max).sum()
    }

    /// The most points that a question can bring; `None` if it is not there or is a group.
    #[must_use]
    pub fn max_of(&self, id: &QuestionId) -> Option<Points> {
        let mut found = None;
        self.visit(|_, question| match &question.worth {
            Worth::Points(points) if question.id == *id => found = Some(*points),
            Worth::Points(_) | Worth::Parts(_) => {}
        });
        found
    }

    /// The questions that carry points, in their order.
    #[must_use]
    pub fn leaves(&self) -> Vec<&QuestionId> {
        let mut leaves = Vec::new();
        self.visit(|_, question| match &question.worth {
            Worth::Points(_) => leaves.push(&question.id),
            Worth::Parts(_) => {}
        });
        leaves
    }

    /// Calls `visitor` with each question and group and its depth, from the first to the last as they are written.
    fn visit<'a>(&'a self, mut visitor: impl FnMut(usize, &'a Question)) {
        self.0.iter().for_each(|question| question.visit(0, &mut visitor));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn question(id: &str, worth: Worth) -> Question {
        Question {
            id: id.parse().unwrap(),
            label: QuestionLabel::new("Une question").unwrap(),
            worth,
        }
    }

    fn leaf(id: &str, quarters: i32) -> Question {
        question(id, Worth::Points(Points::from_quarters(quarters)))
    }

    fn nested(depth: usize) -> Question {
        let id = format!("q{depth}");
        if depth == 0 {
            leaf(&id, 4)
        } else {
            question(&id, Worth::Parts(vec![nested(depth - 1)]))
        }
    }

    #[test]
    fn the_maximum_is_the_sum_of_the_leaves() {
        let group = question("1", Worth::Parts(vec![leaf("1.a", 5), leaf("1.b", 3)]));
        let scheme = MarkingScheme::new(vec![group, leaf("2", 12)]).unwrap();
        assert_eq!(scheme.max().to_string(), "5");
        let of = |id: &str| scheme.max_of(&id.parse().unwrap());
        assert_eq!(of("1.b").map(Points::quarters), Some(3));
        assert_eq!((of("1"), of("3")), (None, None));
    }

    #[test]
    fn a_scheme_is_refused_for_what_is_wrong_with_it() {
        let many = (0..=MarkingScheme::MAX_QUESTIONS).map(|number| leaf(&format!("q{number}"), 1));
        let id = |id: &str| id.parse::<QuestionId>().unwrap();
        for (questions, wrong) in [
            (vec![], NotAScheme::Empty),
            (vec![question("1", Worth::Parts(vec![]))], NotAScheme::Empty),
            (vec![leaf("1", 4), leaf("1", 4)], NotAScheme::DoubledId(id("1"))),
            (vec![leaf("1", 0)], NotAScheme::Worthless(id("1"))),
            (vec![leaf("1", -4)], NotAScheme::Worthless(id("1"))),
            (vec![leaf("1", 4001)], NotAScheme::TooLarge),
            (many.collect(), NotAScheme::TooLarge),
            (vec![nested(MarkingScheme::MAX_DEPTH)], NotAScheme::TooDeep),
        ] {
            assert_eq!(MarkingScheme::new(questions).err(), Some(wrong));
        }
        assert!(MarkingScheme::new(vec![nested(MarkingScheme::MAX_DEPTH - 1)]).is_ok());
    }

    #[test]
    fn an_id_is_short_and_plain() {
        for text in ["1", "1.a-ii_3", "Partie-B"] {
            assert_eq!(text.parse::<QuestionId>().unwrap().as_str(), text);
        }
        for text in ["", "a b", "é", "a/b", "123456789012345678901234567890123"] {
            assert_eq!(text.parse::<QuestionId>(), Err(NotAQuestionId), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn the_maximum_of_any_flat_scheme_is_the_sum(worths in prop::collection::vec(1..100i32, 1..30)) {
            let questions = worths.iter().enumerate().map(|(number, worth)| leaf(&format!("q{number}"), *worth));
            let scheme = MarkingScheme::new(questions.collect()).unwrap();
            prop_assert_eq!(scheme.max().quarters(), worths.iter().sum::<i32>());
        }
    }
}
