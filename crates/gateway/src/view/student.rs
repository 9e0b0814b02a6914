//! Pupils, as administrators see them.

use contracts::grading as pb;
use serde::Serialize;
use utoipa::ToSchema;

use super::job::some;
use super::names::LineError;

/// A pupil.
#[derive(Serialize, ToSchema)]
pub(crate) struct Student {
    #[schema(format = Uuid)]
    id: String,
    surname: String,
    given_names: String,
    /// Null where no list said it; so are the class and the number.
    #[schema(format = Date, required = true)]
    birth_date: Option<String>,
    #[schema(required = true)]
    class: Option<String>,
    #[schema(required = true)]
    number: Option<String>,
    /// Their access; null until they were invited.
    #[schema(format = Uuid, required = true)]
    user_id: Option<String>,
}

/// What came of a list.
#[derive(Serialize, ToSchema)]
pub(crate) struct ImportedStudents {
    /// How many pupils were not known.
    created: u32,
    /// Of how many something has changed.
    updated: u32,
    /// How many lines said what was known.
    unchanged: u32,
    /// The lines that were not taken.
    errors: Vec<RefusedLine>,
}

/// A line that was not taken.
#[derive(Serialize, ToSchema)]
pub(crate) struct RefusedLine {
    /// Where it begins in the file, counted from 1.
    line: u32,
    /// Why.
    #[schema(value_type = LineError)]
    code: String,
}

impl From<pb::Student> for Student {
    fn from(student: pb::Student) -> Self {
        Self {
            id: student.id,
            surname: student.surname,
            given_names: student.given_names,
            birth_date: some(student.birth_date),
            class: some(student.class),
            number: some(student.number),
            user_id: some(student.user_id),
        }
    }
}

impl From<pb::ImportStudentsReply> for ImportedStudents {
    fn from(reply: pb::ImportStudentsReply) -> Self {
        let errors = reply.refused.into_iter().map(|refused| RefusedLine {
            line: refused.line,
            code: refused.code,
        });
        Self {
            created: reply.created,
            updated: reply.updated,
            unchanged: reply.unchanged,
            errors: errors.collect(),
        }
    }
}
