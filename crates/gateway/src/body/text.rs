//! The body of what is said in words.

use contracts::Problem;
use serde::Deserialize;
use utoipa::ToSchema;

use super::Change;

/// Words about a copy.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Text {
    /// Lines of at most 4000 characters together. Null takes them away.
    #[serde(default)]
    #[schema(value_type = Option<String>, required = true, max_length = 4000)]
    text: Change<String>,
}

impl Text {
    /// The words as the wire has them: empty for none.
    pub(crate) fn into_words(self) -> Result<String, Problem> {
        self.text.into_required_text("/text")
    }
}
