//! Marking schemes as they cross a process boundary.

use domain::points::NotPoints;
use domain::scheme::{NotAScheme, Question, QuestionLabel, Worth};
use domain::{MarkingScheme, Points, QuestionId};

use crate::grading as pb;
use crate::parse::Fields;
use crate::problem::{FieldCode, Problem};

impl From<&MarkingScheme> for pb::MarkingScheme {
    fn from(scheme: &MarkingScheme) -> Self {
        Self {
            questions: scheme.questions().iter().map(Into::into).collect(),
        }
    }
}

impl From<&Question> for pb::Question {
    fn from(question: &Question) -> Self {
        let children = match &question.worth {
            Worth::Points(_) => Vec::new(),
            Worth::Parts(parts) => parts.iter().map(Into::into).collect(),
        };
        Self {
            id: question.id.to_string(),
            label: question.label.expose().to_owned(),
            max_points: question.max().to_string(),
            children,
        }
    }
}

impl TryFrom<&pb::MarkingScheme> for MarkingScheme {
    type Error = Problem;

    fn try_from(scheme: &pb::MarkingScheme) -> Result<Self, Problem> {
        if count(&scheme.questions) > Self::MAX_QUESTIONS {
            return Err(Problem::field("/questions", FieldCode::TooLong));
        }
        let mut fields = Fields::default();
        let questions = parse_all(&scheme.questions, "/questions", 0, &mut fields);
        if !fields.all_right() {
            return Err(fields.problem());
        }
        Self::new(questions).map_err(|wrong| {
            let code = match wrong {
                NotAScheme::Empty => FieldCode::Required,
                NotAScheme::TooLarge | NotAScheme::TooDeep => FieldCode::TooLong,
                NotAScheme::DoubledId(_) => FieldCode::Doubled,
                NotAScheme::Worthless(_) => FieldCode::OutOfRange,
            };
            Problem::field("/questions", code)
        })
    }
}

/// How many questions there are, groups included.
fn count(questions: &[pb::Question]) -> usize {
    let parts: usize = questions.iter().map(|question| count(&question.children)).sum();
    questions.len() + parts
}

fn parse_all(questions: &[pb::Question], pointer: &str, depth: usize, fields: &mut Fields) -> Vec<Question> {
    if depth >= MarkingScheme::MAX_DEPTH && !questions.is_empty() {
        fields.note(pointer.to_owned(), FieldCode::TooLong);
        return Vec::new();
    }
    let parse = |(index, question)| parse(question, &format!("{pointer}/{index}"), depth, fields);
    questions.iter().enumerate().filter_map(parse).collect()
}

fn parse(question: &pb::Question, pointer: &str, depth: usize, fields: &mut Fields) -> Option<Question> {
    let parts = parse_all(
        &question.children,
        &format!("{pointer}/children"),
        depth + 1,
        fields,
    );
    let id: Option<QuestionId> = question.id.parse().ok();
    if id.is_none() {
        fields.note(format!("{pointer}/id"), FieldCode::Malformed);
    }
    let label = QuestionLabel::new(&question.label);
    if label.is_none() {
        fields.note(format!("{pointer}/label"), FieldCode::Malformed);
    }
    let points = points(question, &parts);
    if let Err(code) = points {
        fields.note(format!("{pointer}/max_points"), code);
    }
    let worth = if question.children.is_empty() {
        Worth::Points(points.ok()?)
    } else {
        Worth::Parts(parts)
    };
    Some(Question {
        id: id?,
        label: label?,
        worth,
    })
}

/// What a question is said to be worth. A group need not say it; if it does, it is the sum of its parts.
fn points(question: &pb::Question, parts: &[Question]) -> Result<Points, FieldCode> {
    let sum: Points = parts.iter().map(Question::max).sum();
    let group = !question.children.is_empty();
    if question.max_points.is_empty() {
        return if group { Ok(sum) } else { Err(FieldCode::Required) };
    }
    let points: Points = question.max_points.parse().map_err(|wrong| match wrong {
        NotPoints::Malformed => FieldCode::Malformed,
        NotPoints::NotAQuarter => FieldCode::NotAQuarter,
    })?;
    if (group && points != sum) || (!group && points <= Points::ZERO) {
        Err(FieldCode::OutOfRange)
    } else {
        Ok(points)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leaf(id: &str, max: &str) -> pb::Question {
        pb::Question {
            id: id.to_owned(),
            label: "Une question".to_owned(),
            max_points: max.to_owned(),
            children: Vec::new(),
        }
    }

    fn parsed(questions: Vec<pb::Question>) -> Result<pb::MarkingScheme, Vec<(String, String)>> {
        let scheme = MarkingScheme::try_from(&pb::MarkingScheme { questions });
        scheme.as_ref().map(Into::into).map_err(|problem| {
            let told = problem
                .errors
                .iter()
                .map(|error| (error.pointer.to_string(), error.code.to_string()));
            told.collect()
        })
    }

    #[test]
    fn a_group_may_leave_its_points_to_its_parts() {
        let group = pb::Question {
            children: vec![leaf("1.a", "1.5"), leaf("1.b", "2")],
            ..leaf("1", "")
        };
        let scheme = parsed(vec![group]).unwrap();
        assert_eq!(scheme.questions.first().unwrap().max_points, "3.5");
    }

    #[test]
    fn what_is_wrong_is_told_by_its_place() {
        let group = pb::Question {
            children: vec![leaf("1 a", "1.1"), leaf("1.b", "")],
            ..leaf("1", "")
        };
        let places: Vec<_> = parsed(vec![group, leaf("2", "0")]).unwrap_err();
        let expected = [
            ("/questions/0/children/0/id", "malformed"),
            ("/questions/0/children/0/max_points", "not_a_quarter"),
            ("/questions/0/children/1/max_points", "required"),
            ("/questions/1/max_points", "out_of_range"),
        ];
        let expected = expected.map(|(place, code)| (place.to_owned(), code.to_owned()));
        assert_eq!(places, expected);
    }

    #[test]
    fn a_group_that_says_another_sum_is_refused() {
        let group = pb::Question {
            children: vec![leaf("1.a", "1")],
            ..leaf("1", "2")
        };
        let expected = [("/questions/0/max_points".to_owned(), "out_of_range".to_owned())];
        assert_eq!(parsed(vec![group]).unwrap_err(), expected);
    }

    #[test]
    fn a_scheme_of_too_many_questions_is_not_even_looked_at() {
        let questions = vec![pb::Question::default(); 100_000];
        let expected = [("/questions".to_owned(), "too_long".to_owned())];
        assert_eq!(parsed(questions).unwrap_err(), expected);
    }
}
