//! Marks as they cross a process boundary.

use domain::{Marks, Points, Prose, QuestionId};

use crate::grading as pb;

/// The points of a copy by question.
#[must_use]
pub fn scores(marks: &Marks) -> Vec<pb::Score> {
    let score = |(question, points): (&QuestionId, &Points)| pb::Score {
        question_id: question.to_string(),
        points: points.to_string(),
    };
    marks.scores.iter().map(score).collect()
}

/// The words about a copy by question.
#[must_use]
pub fn remarks(marks: &Marks) -> Vec<pb::Remark> {
    let remark = |(question, text): (&QuestionId, &Prose)| pb::Remark {
        question_id: question.to_string(),
        text: text.expose().to_owned(),
    };
    marks.remarks.iter().map(remark).collect()
}
