//! The refusals of an operation: one response per status, which names its codes.

use contracts::{Code, Language};
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder, Responses};

use crate::problem::MEDIA_TYPE;

/// Adds the responses for `codes`, which come sorted by status.
pub(super) fn add(responses: &mut Responses, codes: &[Code]) {
    for group in codes.chunk_by(|one, other| one.http() == other.http()) {
        if let Some(first) = group.first() {
            responses
                .responses
                .insert(first.http().to_string(), RefOr::T(response(first.http(), group)));
        }
    }
}

fn response(status: u16, codes: &[Code]) -> Response {
    let lines = codes
        .iter()
        .map(|code| format!("`{}`: {}", code.as_str(), code.detail(Language::English)));
    let description = lines.collect::<Vec<_>>().join("\n\n");
    let content = ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .build();
    let mut response = ResponseBuilder::new()
        .description(description)
        .content(MEDIA_TYPE, content);
    if status == 429 || status == 503 {
        let seconds = ObjectBuilder::new().schema_type(Type::Integer).build();
        let header = HeaderBuilder::new()
            .schema(Some(seconds))
            .description(Some("Seconds to wait."));
        response = response.header("Retry-After", header.build());
    }
    response.build()
}
