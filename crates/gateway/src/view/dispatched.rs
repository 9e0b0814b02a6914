//! What came of sharing copies out.

use contracts::grading as pb;
use serde::Serialize;
use utoipa::ToSchema;

/// Who was given how many copies.
#[derive(Serialize, ToSchema)]
pub(crate) struct Dispatched {
    /// By what the audit events of these copies know this run.
    #[schema(format = Uuid)]
    run_id: String,
    /// Every corrector who could be given copies.
    assigned: Vec<Share>,
    /// Ids of copies that stay with somebody absent: they were begun.
    kept: Vec<String>,
}

/// What a corrector was given.
#[derive(Serialize, ToSchema)]
pub(crate) struct Share {
    #[schema(format = Uuid)]
    user_id: String,
    /// How many copies this run gave them.
    copies: u32,
}

impl From<pb::DispatchReply> for Dispatched {
    fn from(reply: pb::DispatchReply) -> Self {
        Self {
            run_id: reply.run_id,
            assigned: reply.assigned.into_iter().map(Into::into).collect(),
            kept: reply.kept,
        }
    }
}

impl From<pb::Share> for Share {
    fn from(pb::Share { user_id, copies }: pb::Share) -> Self {
        Self { user_id, copies }
    }
}
