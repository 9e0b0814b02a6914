//! JSON bodies: of the right media type, small, and of the documented shape.
//!
//! What is not JSON or not of the shape is `invalid_json`; a known field with a value of the wrong type is `invalid`
//! with its pointer. What the parser says is never passed on: it quotes the caller.

use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpMessage as _, HttpRequest};
use contracts::{Code, FieldCode, FieldProblem, Problem};
use futures::StreamExt as _;
use futures::future::LocalBoxFuture;
use serde::de::DeserializeOwned;
use serde_json::error::Category;
use serde_path_to_error::{Path, Segment};

use crate::bodies::Body;
use crate::middleware::admit_read;
use crate::problem::Refused;
use crate::state;

/// What most bodies need at most.
const USUAL: usize = 64 * 1024;

/// The parsed body, which has at most `LIMIT` bytes.
pub(crate) struct Json<T, const LIMIT: usize = USUAL>(pub(crate) T);

impl<T: DeserializeOwned + 'static, const LIMIT: usize> FromRequest for Json<T, LIMIT> {
    type Error = Refused;
    type Future = LocalBoxFuture<'static, Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let checked = check_headers(request, LIMIT).and_then(|()| {
            let state = state::of(request)?;
            Ok((state.bodies.begin(LIMIT), state.timeouts.body))
        });
        let (request, payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let (body, within) = checked?;
            let (bytes, taken) = read(payload, body, within).await?.into_parts();
            let body = parse(&bytes)?;
            admit_read(&request)?;
            // What was made of the bytes takes room as they did.
            request.extensions_mut().insert(taken);
            Ok(Self(body))
        })
    }
}

fn check_headers(request: &HttpRequest, limit: usize) -> Result<(), Refused> {
    let plain = request
        .headers()
        .get(header::CONTENT_ENCODING)
        .is_none_or(|encoding| encoding == "identity");
    let media_type = request.mime_type().ok().flatten();
    if !plain || media_type.is_none_or(|media_type| media_type.essence_str() != "application/json") {
        return Err(Code::UnsupportedMediaType.into());
    }
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|value| value.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > limit) {
        return Err(Code::TooLarge.into());
    }
    Ok(())
}

async fn read(payload: Payload, body: Body, within: Duration) -> Result<Body, Refused> {
    let whole = tokio::time::timeout(within, collect(payload, body)).await;
    whole.map_err(|_elapsed| Code::RequestTimeout)?
}

async fn collect(mut payload: Payload, mut body: Body) -> Result<Body, Refused> {
    while let Some(piece) = payload.next().await {
        // A body that breaks off: usually nobody is left to read the answer.
        let piece = piece.map_err(|_broken| Code::InvalidJson)?;
        body.push(&piece)?;
    }
    Ok(body)
}

fn parse<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut parser = serde_json::Deserializer::from_slice(bytes);
    let parsed = serde_path_to_error::deserialize(&mut parser);
    let value = parsed.map_err(|error| problem(&error))?;
    parser.end().map_err(|_trailing| Code::InvalidJson)?;
    Ok(value)
}

fn problem(error: &serde_path_to_error::Error<serde_json::Error>) -> Problem {
    let pointer = pointer(error.path());
    match error.inner().classify() {
        Category::Data if !pointer.is_empty() && !is_unknown(error.inner()) => Problem {
            errors: vec![FieldProblem {
                pointer: pointer.into(),
                code: FieldCode::Malformed.as_str().into(),
            }],
            ..Problem::of(Code::Invalid)
        },
        Category::Data | Category::Io | Category::Syntax | Category::Eof => Problem::of(Code::InvalidJson),
    }
}

/// Whether the parser met a field that the shape does not have. Its name is the caller's own text and stands in the
/// path, which must not be passed on then.
fn is_unknown(error: &serde_json::Error) -> bool {
    error.to_string().starts_with("unknown field")
}

fn pointer(path: &Path) -> String {
    let steps = path.iter().map(|step| match step {
        Segment::Seq { index } => format!("/{index}"),
        Segment::Map { key } | Segment::Enum { variant: key } => format!("/{key}"),
        Segment::Unknown => String::new(),
    });
    steps.collect()
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Shape {
        name: String,
        #[serde(default)]
        inner: Vec<Inner>,
    }

    #[derive(Debug, Deserialize, PartialEq)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        x: f64,
    }

    fn refusal(body: &str) -> (&'static str, Vec<String>) {
        let problem = parse::<Shape>(body.as_bytes()).unwrap_err();
        let pointers = problem.errors.into_iter().map(|error| error.pointer.into_owned());
        (problem.code.as_str(), pointers.collect())
    }

    #[test]
    fn what_is_not_of_the_shape_is_invalid_json_and_names_nothing() {
        for body in [
            "",
            "{",
            "null",
            "[]",
            "\"x\"",
            "{\"name\":\"a\"} x",
            "{\"name\":\"a\",\"Dupont\":1}",
            "\u{feff}{}",
        ] {
            assert_eq!(refusal(body), ("invalid_json", vec![]), "{body}");
        }
        let nested = "{\"name\":\"a\",\"inner\":[{\"x\":1,\"Dupont\":1}]}";
        assert_eq!(refusal(nested), ("invalid_json", vec![]));
    }

    #[test]
    fn a_field_of_the_wrong_type_is_named_by_its_pointer() {
        assert_eq!(refusal("{\"name\":7}"), ("invalid", vec!["/name".to_owned()]));
        let nested = "{\"name\":\"a\",\"inner\":[{\"x\":1},{\"x\":\"Dupont\"}]}";
        assert_eq!(refusal(nested), ("invalid", vec!["/inner/1/x".to_owned()]));
    }
}
