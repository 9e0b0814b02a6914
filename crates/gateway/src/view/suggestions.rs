//! Whose copy it may be.

use contracts::grading as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::job::some;

/// Pupils whose copy it may be.
#[derive(Serialize, ToSchema)]
pub(crate) struct Suggestions {
    /// Whether anything was read on the copy. Without it there is nothing to suggest.
    reading_available: bool,
    /// Five at most.
    suggestions: Vec<Suggestion>,
}

/// A pupil whose copy it may be.
#[derive(Serialize, ToSchema)]
pub(crate) struct Suggestion {
    student: Suggested,
    /// How often a suggestion that is as likely as this is right; between 0 and 1.
    likelihood: f64,
}

/// Who it may be.
#[derive(Serialize, ToSchema)]
pub(crate) struct Suggested {
    #[schema(format = Uuid)]
    id: String,
    surname: String,
    given_names: String,
    #[schema(required = true)]
    class: Option<String>,
}

/// How many copies will be read.
#[derive(Serialize, ToSchema)]
pub(crate) struct OrderedReadings {
    /// Those that were ordered now.
    queued: u32,
}

impl From<pb::SuggestReply> for Suggestions {
    fn from(reply: pb::SuggestReply) -> Self {
        let suggestions = reply.suggestions.into_iter();
        Self {
            reading_available: reply.reading_available,
            suggestions: suggestions.map(Into::into).collect(),
        }
    }
}

impl From<pb::Suggestion> for Suggestion {
    fn from(suggestion: pb::Suggestion) -> Self {
        let student = suggestion.student.unwrap_or_default();
        Self {
            student: Suggested {
                id: student.student_id,
                surname: student.surname,
                given_names: student.given_names,
                class: some(student.class),
            },
            likelihood: f64::from(suggestion.likelihood) / 1000.0,
        }
    }
}

impl From<pb::OrderReadingsReply> for OrderedReadings {
    fn from(reply: pb::OrderReadingsReply) -> Self {
        Self { queued: reply.queued }
    }
}
