//! The body of what needs a reason.

use contracts::{Fields, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use crate::view::names::Reason;

/// Why somebody steps in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reasoned {
    #[serde(default)]
    #[schema(value_type = Reason, required = true)]
    reason: String,
}

impl Reasoned {
    /// The reason, if it is one of the closed set. Other text is not even passed on: it would be the caller's own.
    pub(crate) fn reason(&self) -> Result<domain::Reason, Problem> {
        let mut fields = Fields::default();
        let reason = fields.parse("/reason", &self.reason);
        reason.ok_or_else(|| fields.problem())
    }
}
