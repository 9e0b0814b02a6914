//! The `Idempotency-Key` of a request that creates something.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::HeaderName;
use actix_web::{FromRequest, HttpRequest};
use contracts::Code;

use crate::problem::Refused;

const HEADER: HeaderName = HeaderName::from_static("idempotency-key");

/// 1 to 128 plain characters by which the caller recognizes its own request.
pub(crate) struct IdempotencyKey(pub(crate) String);

/// The same where it may be missing: then a request that is repeated is another one.
pub(crate) struct MaybeIdempotencyKey(pub(crate) Option<String>);

impl FromRequest for IdempotencyKey {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let MaybeIdempotencyKey(key) = match MaybeIdempotencyKey::from_request(request, payload).into_inner()
        {
            Ok(key) => key,
            Err(refused) => return ready(Err(refused)),
        };
        ready(key.map(Self).ok_or_else(|| Code::MissingIdempotencyKey.into()))
    }
}

impl FromRequest for MaybeIdempotencyKey {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let key = request.headers().get(HEADER).map(|value| {
            let value = value.to_str().ok().filter(|key| is_plain(key));
            value.map(str::to_owned).ok_or(Code::MissingIdempotencyKey)
        });
        ready(key.transpose().map(Self).map_err(Refused::from))
    }
}

fn is_plain(key: &str) -> bool {
    (1..=128).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_1_to_128_plain_characters() {
        assert!(is_plain("a") && is_plain(&"x".repeat(128)) && is_plain("2f1c:upload/7"));
        for refused in ["", "two words", "tab\there", "é", &"x".repeat(129)] {
            assert!(!is_plain(refused), "{refused}");
        }
    }
}
