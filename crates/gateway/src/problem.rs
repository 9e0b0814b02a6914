//! Problems over HTTP: `application/problem+json` (RFC 9457) for every answer that is not a success.
//!
//! A handler returns a [`Refused`]; what becomes of it is written once, in [`Asked::answer`]. A body holds
//! codes, places and constant sentences. It never holds a cause, nor anything that the caller sent.

mod body;
mod of_status;

pub(crate) use body::title;
pub use body::{Body, Field};
pub(crate) use of_status::of_status;

use actix_web::http::StatusCode;
use actix_web::http::header::{self, HeaderName, HeaderValue};
use actix_web::{HttpResponse, ResponseError};
use contracts::{Code, Language, Problem};
use domain::RequestId;

/// The media type of every problem.
pub const MEDIA_TYPE: &str = "application/problem+json";

/// The header of the request id, in and out.
pub(crate) const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// How a handler says no.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct Refused(Problem);

impl Refused {
    /// What the caller will be told.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.0
    }
}

impl From<Problem> for Refused {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl From<Code> for Refused {
    fn from(code: Code) -> Self {
        Self(code.into())
    }
}

impl ResponseError for Refused {
    fn status_code(&self) -> StatusCode {
        status(self.0.code)
    }

    /// Only the status: the body needs the request, and is written by the middleware that has it.
    fn error_response(&self) -> HttpResponse {
        HttpResponse::new(self.status_code())
    }
}

/// What an answer has to know of the request: its handle, and the language of its sentences.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The handle.
    pub request_id: RequestId,
    /// The language that the caller reads.
    pub language: Language,
}

impl Asked {
    /// The request id as a header.
    pub(crate) fn header(&self) -> Option<HeaderValue> {
        HeaderValue::from_str(self.request_id.as_str()).ok()
    }

    /// The whole answer that `problem` makes.
    #[must_use]
    pub fn answer(&self, problem: &Problem) -> HttpResponse {
        let mut answer = HttpResponse::build(status(problem.code));
        answer.insert_header((header::CONTENT_TYPE, MEDIA_TYPE));
        answer.insert_header((header::CONTENT_LANGUAGE, self.language.tag()));
        answer.insert_header((header::VARY, "accept-language"));
        if let Some(id) = self.header() {
            answer.insert_header((X_REQUEST_ID, id));
        }
        if let Some(seconds) = retry_after(problem) {
            answer.insert_header((header::RETRY_AFTER, HeaderValue::from(seconds)));
        }
        if let Some(size) = problem.extra.get("size").filter(|_| problem.code.http() == 416) {
            answer.insert_header((header::CONTENT_RANGE, format!("bytes */{size}")));
        }
        if problem.code == Code::Unauthenticated || problem.code == Code::BadCredentials {
            answer.insert_header((header::WWW_AUTHENTICATE, "Bearer realm=\"korrigo\""));
        }
        match serde_json::to_vec(&Body::of(problem, self)) {
            Ok(body) => answer.body(body),
            Err(_never_with_string_keys) => answer.finish(),
        }
    }
}

/// After how many seconds it makes sense to ask again, if it does.
fn retry_after(problem: &Problem) -> Option<u32> {
    let told = problem
        .extra
        .get("retry_after_seconds")
        .and_then(|seconds| seconds.parse().ok());
    match problem.code.http() {
        429 => told.or(Some(10)),
        503 => told.or(Some(2)),
        _ => None,
    }
}

fn status(code: Code) -> StatusCode {
    StatusCode::from_u16(code.http()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
