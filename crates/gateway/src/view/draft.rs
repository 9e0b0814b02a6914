//! Drafts.

use contracts::{Code, grading as pb};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::time;

/// What a window of a corrector has not saved yet.
#[derive(Serialize, ToSchema)]
pub(crate) struct Draft {
    /// Which window wrote it.
    client_id: String,
    /// Counts the saves.
    version: i64,
    /// What it wrote, letter by letter.
    #[schema(value_type = Value)]
    payload: Box<RawValue>,
    #[schema(format = DateTime)]
    updated_at: String,
}

impl TryFrom<pb::Draft> for Draft {
    type Error = Code;

    fn try_from(draft: pb::Draft) -> Result<Self, Code> {
        Ok(Self {
            client_id: draft.client_id,
            version: draft.version,
            payload: RawValue::from_string(draft.payload).map_err(|_not_json| Code::Internal)?,
            updated_at: time::required(draft.updated_at.as_ref()),
        })
    }
}
