//! Sets of changes of scores.

use contracts::grading as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::job::some;
use super::names::Reason;
use super::time;
use super::validated::RefusedCopy;

/// Scores that were changed.
#[derive(Serialize, ToSchema)]
pub(crate) struct Adjusted {
    #[schema(format = Uuid)]
    change_set_id: String,
    /// The copies that took some of it. Their documents are made anew.
    changed: Vec<AdjustedCopy>,
    /// The copies that had no room for any of it: they have the maximum, or nothing.
    unchanged: Vec<String>,
    /// The copies that are not graded.
    refused: Vec<RefusedCopy>,
}

/// A copy whose score was changed.
#[derive(Serialize, ToSchema)]
pub(crate) struct AdjustedCopy {
    #[schema(format = Uuid)]
    copy_id: String,
    /// What it was given, or lost: no more than there was room for.
    delta: String,
    /// Its score from now on.
    score: String,
    /// The job that makes its document.
    #[schema(format = Uuid)]
    job_id: String,
}

/// A set of changes of scores.
#[derive(Serialize, ToSchema)]
pub(crate) struct ChangeSet {
    #[schema(format = Uuid)]
    id: String,
    /// Who changed them.
    #[schema(format = Uuid)]
    created_by: String,
    created_by_name: String,
    #[schema(format = DateTime)]
    created_at: String,
    #[schema(value_type = Reason)]
    reason_code: String,
    /// Why, in their words.
    #[schema(required = true)]
    reason: Option<String>,
    /// The question that it is about; null for the whole.
    #[schema(required = true)]
    question_id: Option<String>,
    /// What each copy was to be given, or to lose.
    delta: String,
    /// How many copies it changed.
    copies: u32,
}

impl From<pb::AdjustReply> for Adjusted {
    fn from(reply: pb::AdjustReply) -> Self {
        Self {
            change_set_id: reply.change_set_id,
            changed: reply.adjusted.into_iter().map(Into::into).collect(),
            unchanged: reply.unchanged,
            refused: reply.refused.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<pb::AdjustedCopy> for AdjustedCopy {
    fn from(copy: pb::AdjustedCopy) -> Self {
        Self {
            copy_id: copy.copy_id,
            delta: copy.delta,
            score: copy.score,
            job_id: copy.job_id,
        }
    }
}

impl From<pb::ChangeSet> for ChangeSet {
    fn from(set: pb::ChangeSet) -> Self {
        Self {
            id: set.id,
            created_by: set.created_by,
            created_by_name: set.created_by_name,
            created_at: time::required(set.created_at.as_ref()),
            reason_code: set.reason_code,
            reason: some(set.reason),
            question_id: some(set.question_id),
            delta: set.delta,
            copies: set.copies,
        }
    }
}
