//! Lets pages of the listed origins read answers. For all others the browser's own rule stands.

use actix_web::body::MessageBody;
use actix_web::dev::{ServiceRequest, ServiceResponse};
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::middleware::Next;
use actix_web::{Error, web};

use crate::state::State;

/// What such a page may send beyond what every page may.
const REQUEST_HEADERS: &str = "authorization, content-type, idempotency-key, if-match, if-none-match, if-range, last-event-id, range, traceparent, x-lock-token, x-request-id";

/// What such a page may read beyond what every page may.
const ANSWER_HEADERS: &str =
    "accept-ranges, content-disposition, content-range, etag, link, location, retry-after, x-request-id";

/// How long a browser may remember what it was told.
const MAX_AGE: &str = "600";

/// Shares the answer with the page that asked, if its origin is listed.
pub(crate) async fn cors(
    state: web::Data<State>,
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, Error> {
    let origin = request.headers().get(header::ORIGIN).cloned();
    let origin = origin.filter(|origin| origin.to_str().is_ok_and(|origin| state.origins.allow(origin)));
    let preflight = request
        .headers()
        .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let mut response = next.call(request).await?;
    if !state.origins.is_empty() {
        response
            .headers_mut()
            .append(header::VARY, HeaderValue::from_static("origin"));
    }
    if let Some(origin) = origin {
        share(response.headers_mut(), origin, preflight);
    }
    Ok(response)
}

fn share(headers: &mut HeaderMap, origin: HeaderValue, preflight: bool) {
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(
        header::ACCESS_CONTROL_ALLOW_CREDENTIALS,
        HeaderValue::from_static("true"),
    );
    headers.insert(
        header::ACCESS_CONTROL_EXPOSE_HEADERS,
        HeaderValue::from_static(ANSWER_HEADERS),
    );
    let methods = headers.get(header::ALLOW).filter(|_| preflight).cloned();
    if let Some(methods) = methods {
        headers.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
        headers.insert(
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static(REQUEST_HEADERS),
        );
        headers.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(MAX_AGE));
    }
}
