//! The OpenAPI 3.1 document.
//!
//! Successes, parameters and bodies are described beside their handlers; who may call and what can be
//! refused follows from the same [`Endpoint`](crate::endpoint::Endpoint) that the router uses.

mod complete;
mod problems;

use std::sync::LazyLock;

use telemetry::http::{Method, Route};
use utoipa::OpenApi as _;

use crate::routes::{Documented, ENDPOINTS, routes};

static DOCUMENT: LazyLock<String> = LazyLock::new(openapi);

/// The document: indented, in a stable order, with a newline at its end.
#[must_use]
pub fn openapi() -> String {
    completed().to_pretty_json().unwrap_or_default() + "\n"
}

/// The same, written once per process.
pub(crate) fn document() -> &'static str {
    &DOCUMENT
}

/// Every status that the document promises of an endpoint.
pub(crate) fn answers() -> Vec<(Method, Route, u16)> {
    let mut document = completed();
    let mut answers = Vec::new();
    for endpoint in ENDPOINTS {
        let route = routes().find(Some(endpoint.path));
        let statuses = complete::statuses(&mut document, endpoint);
        answers.extend(statuses.map(|status| (endpoint.method, route, status)));
    }
    answers
}

fn completed() -> utoipa::openapi::OpenApi {
    let mut document = Documented::openapi();
    complete::about(&mut document);
    complete::components(&mut document);
    for endpoint in ENDPOINTS {
        complete::operation(&mut document, endpoint);
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_endpoint_promises_a_success_and_the_failure_that_any_may_have() {
        let answers = answers();
        for endpoint in ENDPOINTS {
            let of_this = answers
                .iter()
                .filter(|(method, route, _)| *method == endpoint.method && route.as_str() == endpoint.path);
            let statuses: Vec<u16> = of_this.map(|(_, _, status)| *status).collect();
            let success = statuses.iter().any(|status| (200..300).contains(status));
            assert!(
                success && statuses.contains(&500),
                "{} {statuses:?}",
                endpoint.path
            );
        }
    }
}
