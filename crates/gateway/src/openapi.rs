//! The OpenAPI 3.1 document.
//!
//! Successes, parameters and bodies are described beside their handlers; who may call and what can be
//! refused follows from the same [`Endpoint`](crate::endpoint::Endpoint) that the router uses.

mod complete;
mod problems;

use std::sync::LazyLock;

use crate::routes::{Documented, ENDPOINTS};
use utoipa::OpenApi as _;

static DOCUMENT: LazyLock<String> = LazyLock::new(openapi);

/// The document: indented, in a stable order, with a newline at its end.
#[must_use]
pub fn openapi() -> String {
    let mut document = Documented::openapi();
    complete::about(&mut document);
    complete::components(&mut document);
    for endpoint in ENDPOINTS {
        complete::operation(&mut document, endpoint);
    }
    let text = document.to_pretty_json().unwrap_or_default();
    text + "\n"
}

/// The same, written once per process.
pub(crate) fn document() -> &'static str {
    &DOCUMENT
}
