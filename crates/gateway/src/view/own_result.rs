//! Released results, for who wrote the copies.

use contracts::grading as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::job::some;
use super::marks::{Adjustment, Remark, Score};
use super::{MarkingScheme, time};

/// A released result of a copy that the caller wrote.
#[derive(Serialize, ToSchema)]
pub(crate) struct OwnResult {
    /// The copy: its document is at `/copies/{id}/final.pdf`.
    #[schema(format = Uuid)]
    id: String,
    #[schema(format = Uuid)]
    exam_id: String,
    exam_name: String,
    /// The day it was written on.
    #[schema(format = Date)]
    exam_date: String,
    #[schema(format = DateTime)]
    released_at: String,
    score: String,
    /// The most that could be scored.
    max: String,
}

/// All that was released of a copy that the caller wrote.
#[derive(Serialize, ToSchema)]
pub(crate) struct WholeResult {
    #[serde(flatten)]
    result: OwnResult,
    /// The questions; null where the exam had none.
    #[schema(required = true)]
    marking_scheme: Option<MarkingScheme>,
    /// Of the questions that have points.
    scores: Vec<Score>,
    /// Of the questions that have a remark.
    remarks: Vec<Remark>,
    /// What was added to the score since it was corrected, or taken away.
    adjustments: Vec<Adjustment>,
    /// The words about the whole.
    #[schema(required = true)]
    appreciation: Option<String>,
}

impl From<pb::OwnResult> for OwnResult {
    fn from(own: pb::OwnResult) -> Self {
        Self {
            id: own.copy_id,
            exam_id: own.exam_id,
            exam_name: own.exam_name,
            exam_date: own.exam_date,
            released_at: time::required(own.released_at.as_ref()),
            score: own.score,
            max: own.max,
        }
    }
}

impl From<pb::WholeResult> for WholeResult {
    fn from(whole: pb::WholeResult) -> Self {
        Self {
            result: whole.result.unwrap_or_default().into(),
            marking_scheme: whole.marking_scheme.map(Into::into),
            scores: whole.scores.into_iter().map(Into::into).collect(),
            remarks: whole.remarks.into_iter().map(Into::into).collect(),
            adjustments: whole.adjustments.into_iter().map(Into::into).collect(),
            appreciation: some(whole.appreciation),
        }
    }
}
