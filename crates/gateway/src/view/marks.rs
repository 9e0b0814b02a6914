//! Points and words about a copy.

use contracts::grading as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::job::some;
use super::names::Reason;

/// What a copy was given.
#[derive(Serialize, ToSchema)]
pub(crate) struct Marks {
    /// Of the questions that have points, in the order of the marking scheme.
    scores: Vec<Score>,
    /// Of the questions that have a remark, in the order of the marking scheme.
    remarks: Vec<Remark>,
    /// The words about the whole.
    #[schema(required = true)]
    appreciation: Option<String>,
    /// What administrators added or took away since, in the order in which they did.
    adjustments: Vec<Adjustment>,
    /// The points of the questions, what annotations add or take away, and what administrators did.
    total: String,
    /// The most that can be scored.
    max: String,
}

/// The points of a question.
#[derive(Serialize, ToSchema)]
pub(crate) struct Score {
    question_id: String,
    points: String,
}

/// What an administrator added to the score, or took away.
#[derive(Serialize, ToSchema)]
pub(crate) struct Adjustment {
    /// The set of changes that it is of.
    #[schema(format = Uuid)]
    change_set_id: String,
    #[schema(value_type = Reason)]
    reason_code: String,
    /// The question that it is about; null for the whole.
    #[schema(required = true)]
    question_id: Option<String>,
    delta: String,
}

/// The words about a question.
#[derive(Serialize, ToSchema)]
pub(crate) struct Remark {
    question_id: String,
    /// Null where they were taken away.
    #[schema(required = true)]
    text: Option<String>,
}

/// The words about a copy as a whole.
#[derive(Serialize, ToSchema)]
pub(crate) struct Appreciation {
    /// Null where they were taken away.
    #[schema(required = true)]
    text: Option<String>,
}

impl From<pb::MarksOfCopy> for Marks {
    fn from(marks: pb::MarksOfCopy) -> Self {
        Self {
            scores: marks.scores.into_iter().map(Into::into).collect(),
            remarks: marks.remarks.into_iter().map(Into::into).collect(),
            appreciation: some(marks.appreciation),
            adjustments: marks.adjustments.into_iter().map(Into::into).collect(),
            total: marks.total,
            max: marks.max,
        }
    }
}

impl From<pb::Adjustment> for Adjustment {
    fn from(adjustment: pb::Adjustment) -> Self {
        Self {
            change_set_id: adjustment.change_set_id,
            reason_code: adjustment.reason_code,
            question_id: some(adjustment.question_id),
            delta: adjustment.delta,
        }
    }
}

impl From<pb::Score> for Score {
    fn from(pb::Score { question_id, points }: pb::Score) -> Self {
        Self { question_id, points }
    }
}

impl From<pb::Remark> for Remark {
    fn from(remark: pb::Remark) -> Self {
        Self {
            question_id: remark.question_id,
            text: some(remark.text),
        }
    }
}

impl From<pb::Appreciation> for Appreciation {
    fn from(appreciation: pb::Appreciation) -> Self {
        Self {
            text: some(appreciation.text),
        }
    }
}
