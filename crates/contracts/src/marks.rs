//! Marks as they cross a process boundary.

use std::collections::BTreeMap;

use domain::{Adjustment, Marks, Points, Prose, QuestionId};

use crate::grading as pb;

/// The points of a copy by question.
#[must_use]
pub fn scores(marks: &Marks) -> Vec<pb::Score> {
    points(&marks.scores)
}

/// Points by question.
#[must_use]
pub fn points(scores: &BTreeMap<QuestionId, Points>) -> Vec<pb::Score> {
    let score = |(question, points): (&QuestionId, &Points)| pb::Score {
        question_id: question.to_string(),
        points: points.to_string(),
    };
    scores.iter().map(score).collect()
}

/// What administrators did to the score of a copy.
#[must_use]
pub fn adjustments(marks: &Marks) -> Vec<pb::Adjustment> {
    let adjustment = |adjustment: &Adjustment| pb::Adjustment {
        change_set_id: adjustment.change_set.to_string(),
        reason_code: adjustment.reason.to_string(),
        question_id: adjustment
            .question
            .as_ref()
            .map(ToString::to_string)
            .unwrap_or_default(),
        delta: adjustment.delta.to_string(),
    };
    marks.adjustments.iter().map(adjustment).collect()
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
