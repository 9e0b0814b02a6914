//! The JSON of a problem.

use std::collections::BTreeMap;

use contracts::{FieldProblem, Problem};
use serde::Serialize;
use utoipa::ToSchema;

use super::Asked;
use crate::routes::problem_type;

/// The members that RFC 9457 and this API give every problem; no detail may take their names.
const RESERVED: &[&str] = &[
    "type",
    "title",
    "status",
    "detail",
    "instance",
    "code",
    "request_id",
    "errors",
];

/// What went wrong.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Body {
    /// Where the code is explained, relative to this server.
    #[serde(rename = "type")]
    kind: String,
    /// The code in words.
    title: String,
    /// The HTTP status.
    #[schema(minimum = 400, maximum = 599)]
    status: u16,
    /// A constant sentence in the caller's language.
    detail: &'static str,
    /// This occurrence, as a URN made of the request id.
    instance: String,
    /// What went wrong, for programs.
    code: &'static str,
    /// The handle to quote when asking for help.
    request_id: String,
    /// Which fields are wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(required = false)]
    errors: Vec<Field>,
    /// What belongs to the code, as text: numbers and times, such as `expires_at`, and what the caller has to look
    /// at, such as the `questions` that are in use.
    #[serde(flatten)]
    extra: BTreeMap<String, String>,
}

/// A field that is wrong.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = FieldProblem)]
pub struct Field {
    /// A JSON pointer into the body, or `/name` of a query parameter or form part.
    pointer: String,
    /// What is wrong with it: `required`, `malformed`, `out_of_range`, `unknown_reference`, `too_long`,
    /// `doubled`, `taken`, `yourself`; of points also `negative`, `above_max` and `not_a_quarter`; of a new
    /// password also `too_short`, `one_character`, `too_personal`, `too_common`, `unchanged`.
    code: String,
}

impl Body {
    pub(super) fn of(problem: &Problem, asked: &Asked) -> Self {
        let extra = problem
            .extra
            .iter()
            .filter(|(name, _)| !RESERVED.contains(&name.as_ref()));
        Self {
            kind: problem_type::path_of(problem.code),
            title: title(problem.code),
            status: problem.code.http(),
            detail: problem.code.detail(asked.language),
            instance: format!("urn:korrigo:request:{}", asked.request_id),
            code: problem.code.as_str(),
            request_id: asked.request_id.to_string(),
            errors: problem.errors.iter().map(Field::of).collect(),
            extra: extra
                .map(|(name, value)| (name.as_ref().to_owned(), value.clone()))
                .collect(),
        }
    }
}

impl Field {
    fn of(field: &FieldProblem) -> Self {
        Self {
            pointer: field.pointer.as_ref().to_owned(),
            code: field.code.as_ref().to_owned(),
        }
    }
}

/// The code in words: `already_locked` is "Already locked".
pub(crate) fn title(code: contracts::Code) -> String {
    let words = code.as_str().replace('_', " ");
    let mut letters = words.chars();
    letters
        .next()
        .map(|first| first.to_ascii_uppercase())
        .into_iter()
        .chain(letters)
        .collect()
}
