//! Who asks: the session token, out of the `Authorization` header or the session cookie.
//!
//! Only its form is checked here. Whether the session lives and what it may do is decided by grading, in
//! the same call as the operation.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use contracts::Code;
use tonic::metadata::{Ascii, MetadataValue};

use crate::csrf;
use crate::problem::Refused;
use crate::state;

/// No token of ours is longer.
const MAX_TOKEN: usize = 256;

/// The proof of a login, as the caller sent it.
pub struct Credentials {
    metadata: MetadataValue<Ascii>,
}

impl Credentials {
    /// As the metadata of a call to grading.
    pub(crate) fn metadata(&self) -> MetadataValue<Ascii> {
        self.metadata.clone()
    }

    /// The credentials of a request; a header wins over a cookie.
    pub(crate) fn of(request: &HttpRequest) -> Result<Self, Refused> {
        if let Some(value) = request.headers().get(header::AUTHORIZATION) {
            let token = value
                .to_str()
                .ok()
                .and_then(bearer)
                .ok_or(Code::Unauthenticated)?;
            return Self::from_token(token);
        }
        let state = state::of(request)?;
        let cookie = request
            .cookie(state.cookies.name())
            .ok_or(Code::Unauthenticated)?;
        csrf::check_cookie(request, &state.origins)?;
        Self::from_token(cookie.value())
    }

    fn from_token(token: &str) -> Result<Self, Refused> {
        let plain = token.bytes().all(|byte| byte.is_ascii_graphic());
        if token.is_empty() || token.len() > MAX_TOKEN || !plain {
            return Err(Code::Unauthenticated.into());
        }
        let value = MetadataValue::try_from(format!("Bearer {token}"));
        let mut metadata: MetadataValue<Ascii> = value.map_err(|_unprintable| Code::Unauthenticated)?;
        metadata.set_sensitive(true);
        Ok(Self { metadata })
    }
}

/// The token of a `Bearer` header. The scheme's name has no case.
pub(crate) fn bearer(header: &str) -> Option<&str> {
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

impl FromRequest for Credentials {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(Self::of(request))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bearer_scheme_has_no_case_and_others_are_not_it() {
        assert_eq!(bearer("Bearer abc"), Some("abc"));
        assert_eq!(bearer("bearer  abc"), Some("abc"));
        assert_eq!(bearer("Basic abc"), None);
        assert_eq!(bearer("Bearer"), None);
    }

    #[test]
    fn a_token_is_plain_and_not_endless() {
        assert!(Credentials::from_token("0123abcd").is_ok());
        for refused in ["", "with space", "accentué", &"x".repeat(MAX_TOKEN + 1)] {
            assert!(Credentials::from_token(refused).is_err(), "{refused}");
        }
    }
}
