//! What came of validating many copies at once.

use contracts::grading as pb;
use serde::Serialize;
use utoipa::ToSchema;

/// How many copies are READY now, and which are not.
#[derive(Serialize, ToSchema)]
pub(crate) struct Validated {
    /// How many were validated.
    validated: u32,
    refused: Vec<RefusedCopy>,
}

/// A copy that it was not done to.
#[derive(Serialize, ToSchema)]
pub(crate) struct RefusedCopy {
    #[schema(format = Uuid)]
    copy_id: String,
    /// Why, as the `code` of a problem: `no_pages`, for one.
    code: String,
}

impl From<pb::ValidateAllReply> for Validated {
    fn from(reply: pb::ValidateAllReply) -> Self {
        Self {
            validated: reply.validated,
            refused: reply.refused.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<pb::RefusedCopy> for RefusedCopy {
    fn from(pb::RefusedCopy { copy_id, code }: pb::RefusedCopy) -> Self {
        Self { copy_id, code }
    }
}
