//! Points and words about a copy.

use contracts::grading as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::job::some;

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
    /// The points of the questions, and what annotations add or take away.
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
        let score = |pb::Score { question_id, points }| Score { question_id, points };
        Self {
            scores: marks.scores.into_iter().map(score).collect(),
            remarks: marks.remarks.into_iter().map(Into::into).collect(),
            appreciation: some(marks.appreciation),
            total: marks.total,
            max: marks.max,
        }
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
