//! Adds to the document what all operations have in common.

use telemetry::http::Method;
use utoipa::PartialSchema as _;
use utoipa::openapi::path::Operation;
use utoipa::openapi::schema::{ArrayBuilder, Schema};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    Components, Info, License, OpenApi, PathItem, Ref, RefOr, Response, SecurityRequirement, Server, Tag,
};

use super::problems;
use crate::endpoint::{Endpoint, Who};
use crate::problem::{Body, Field};

const DESCRIPTION: &str = "\
Scanned exams: upload, import, correction. Times are RFC 3339 in UTC, ids are UUIDs, points are decimal text.

Every answer has an `X-Request-ID`; a request may bring its own. Every refusal is an `application/problem+json` \
body with a `code`, also those that no operation lists: 404 `not_found` for a path that does not exist and 405 \
`method_not_allowed`, with `Allow`, for a method that a path does not take. Each GET also answers HEAD, except for \
an event stream and what is recorded as handed out (a corrected document, a table), and each path answers OPTIONS. `Accept-Language` chooses between French and English.

A browser that uses the session cookie must send what changes something from our own pages: `Sec-Fetch-Site` or \
`Origin` tells, and 403 `csrf` refuses. Programs send the token as a bearer.";

/// What the API is.
pub(super) fn about(document: &mut OpenApi) {
    let mut info = Info::new("Korrigo", env!("CARGO_PKG_VERSION"));
    info.description = Some(DESCRIPTION.to_owned());
    info.license = Some(License::builder().name("MIT OR Apache-2.0").build());
    document.info = info;
    document.servers = Some(vec![Server::new("/")]);
    let tag = |name: &str, description: &str| {
        let mut tag = Tag::new(name);
        tag.description = Some(description.to_owned());
        tag
    };
    document.tags = Some(vec![
        tag("session", "Logging in and out, and one's own password."),
        tag("users", "People with access, for administrators."),
        tag("students", "Pupils, for administrators."),
        tag("exams", "Exams."),
        tag("batches", "Scans of many copies in one file."),
        tag(
            "copies",
            "The pupils' copies of an exam, their pages and their audit trail.",
        ),
        tag("identification", "Whose copy is whose, for administrators."),
        tag(
            "correcting",
            "Locks, annotations, points, words and drafts; the corrected document.",
        ),
        tag(
            "results",
            "Results: released, withdrawn, as tables, and one's own.",
        ),
        tag("jobs", "Background work."),
        tag("system", "The system itself."),
    ]);
}

/// The schemas and schemes that operations refer to.
pub(super) fn components(document: &mut OpenApi) {
    let components = document.components.get_or_insert_with(Components::new);
    components.schemas.insert("Problem".to_owned(), Body::schema());
    components
        .schemas
        .insert("FieldProblem".to_owned(), Field::schema());
    for (name, schema) in &mut components.schemas {
        if let Some(item) = name.strip_prefix("List_") {
            name_items(schema, item);
        }
    }
    let mut bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer);
    bearer = bearer.description(Some("The token that opening a session answers."));
    components.add_security_scheme("bearer", SecurityScheme::Http(bearer.build()));
    let cookie = ApiKeyValue::new("__Host-korrigo_session");
    components.add_security_scheme("cookie", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
}

/// Lets the schema of a list refer to that of its items, which the derived one repeats.
fn name_items(list: &mut RefOr<Schema>, item: &str) {
    if let RefOr::T(Schema::Object(list)) = list {
        let items = ArrayBuilder::new().items(Ref::from_schema_name(item)).build();
        list.properties
            .insert("items".to_owned(), RefOr::T(Schema::Array(items)));
    }
}

/// Who may call an operation, how it can be refused, and the headers of its answers.
pub(super) fn operation(document: &mut OpenApi, endpoint: &Endpoint) {
    let item = document.paths.paths.get_mut(endpoint.path);
    let Some(operation) = item.and_then(|item| of_method(item, endpoint.method)) else {
        return;
    };
    operation.security = match endpoint.who {
        Who::Anyone => Some(Vec::new()),
        Who::LoggedIn => Some(vec![requirement("bearer"), requirement("cookie")]),
    };
    problems::add(&mut operation.responses, &endpoint.codes());
    for response in operation.responses.responses.values_mut() {
        require_headers(response);
    }
}

/// Every status that an operation promises.
pub(super) fn statuses(document: &mut OpenApi, endpoint: &Endpoint) -> impl Iterator<Item = u16> {
    let item = document.paths.paths.get_mut(endpoint.path);
    let operation = item.and_then(|item| of_method(item, endpoint.method));
    let responses = operation.map(|operation| &operation.responses.responses);
    responses
        .into_iter()
        .flat_map(|responses| responses.keys())
        .filter_map(|status| status.parse().ok())
}

/// The headers that an answer has only where there is something to say.
const SOMETIMES: &[&str] = &["Link"];

/// Promises the headers of a response.
fn require_headers(response: &mut RefOr<Response>) {
    let RefOr::T(response) = response else { return };
    for (name, header) in &mut response.headers {
        if let RefOr::T(header) = header
            && !SOMETIMES.contains(&name.as_str())
        {
            // The type of a header has no field for it.
            let others = header.extensions.get_or_insert_default();
            others.insert("required".to_owned(), true.into());
        }
    }
}

fn requirement(scheme: &str) -> SecurityRequirement {
    SecurityRequirement::new(scheme, Vec::<String>::new())
}

fn of_method(item: &mut PathItem, method: Method) -> Option<&mut Operation> {
    match method {
        Method::Get => item.get.as_mut(),
        Method::Head => item.head.as_mut(),
        Method::Post => item.post.as_mut(),
        Method::Put => item.put.as_mut(),
        Method::Patch => item.patch.as_mut(),
        Method::Delete => item.delete.as_mut(),
        Method::Options => item.options.as_mut(),
        Method::Other => None,
    }
}
