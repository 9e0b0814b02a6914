//! Marking schemes.

use contracts::grading as pb;
use serde::Serialize;
use utoipa::ToSchema;

/// What the copies of an exam are scored by.
#[derive(Serialize, ToSchema)]
pub(crate) struct MarkingScheme {
    questions: Vec<Question>,
}

/// A question, or a group of questions.
#[derive(Serialize, ToSchema)]
pub(crate) struct Question {
    /// By what scores and remarks refer to it.
    id: String,
    label: String,
    /// What it brings; of a group, what its parts bring together.
    max_points: String,
    /// Its parts; empty if it is not a group.
    #[schema(no_recursion)]
    children: Vec<Question>,
}

impl From<pb::MarkingScheme> for MarkingScheme {
    fn from(scheme: pb::MarkingScheme) -> Self {
        Self {
            questions: scheme.questions.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<pb::Question> for Question {
    fn from(question: pb::Question) -> Self {
        Self {
            id: question.id,
            label: question.label,
            max_points: question.max_points,
            children: question.children.into_iter().map(Into::into).collect(),
        }
    }
}
