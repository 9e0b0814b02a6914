//! Ids and indexes in paths. What is not one names nothing: 404.

use std::future::{Ready, ready};
use std::str::FromStr;

use actix_web::dev::Payload;
use actix_web::{FromRequest, HttpRequest};
use contracts::Code;
use domain::{AnnotationId, PageIndex, QuestionId};

use crate::problem::Refused;

/// The `{id}` of the path.
pub(crate) struct Id<T>(pub(crate) T);

impl<T: FromStr + 'static> FromRequest for Id<T> {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(id(request, "id").map(Self))
    }
}

/// The `{aid}` of an annotation in the path.
pub(crate) struct Aid(pub(crate) AnnotationId);

impl FromRequest for Aid {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(id(request, "aid").map(Self))
    }
}

fn id<T: FromStr>(request: &HttpRequest, name: &str) -> Result<T, Refused> {
    let id = request.match_info().get(name).filter(|text| is_canonical(text));
    id.and_then(|text| text.parse().ok())
        .ok_or_else(|| Code::NotFound.into())
}

/// One spelling per id: 36 characters with hyphens. Braces, URNs and bare digits name nothing.
fn is_canonical(text: &str) -> bool {
    text.len() == 36
}

/// The `{index}` of a page in the path, counted from 0.
pub(crate) struct Index(pub(crate) PageIndex);

impl FromRequest for Index {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let digits = request.match_info().get("index");
        let digits = digits.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let index = digits.and_then(|text| text.parse().ok()).and_then(PageIndex::new);
        ready(index.map(Self).ok_or_else(|| Code::NotFound.into()))
    }
}

/// The `{number}` of the path, counted from 1.
pub(crate) struct Number(pub(crate) u32);

impl FromRequest for Number {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let digits = request.match_info().get("number");
        let digits = digits.filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let number = digits
            .and_then(|text| text.parse().ok())
            .filter(|number| *number > 0);
        ready(number.map(Self).ok_or_else(|| Code::NotFound.into()))
    }
}

/// The `{question_id}` of the path. What cannot be one is in no marking scheme.
pub(crate) struct Question(pub(crate) QuestionId);

impl FromRequest for Question {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let id = request.match_info().get("question_id");
        let id = id.and_then(|text| text.parse().ok());
        ready(id.map(Self).ok_or_else(|| Code::UnknownQuestion.into()))
    }
}
