//! The `X-Lock-Token` of a request that changes what is on a copy.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header::HeaderName;
use actix_web::{FromRequest, HttpRequest};

use crate::problem::Refused;

const HEADER: HeaderName = HeaderName::from_static("x-lock-token");

/// No token of ours is longer.
const MAX_TOKEN: usize = 256;

/// The proof of a lock, as the caller sent it. It has no `Debug`, so that it cannot end in a log by accident.
///
/// Empty without the header, and for what no token of ours looks like: what that means depends on the copy, and is
/// decided by grading.
pub(crate) struct LockToken(pub(crate) String);

impl FromRequest for LockToken {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let header = request.headers().get(HEADER);
        let token = header.and_then(|value| value.to_str().ok()).unwrap_or_default();
        ready(Ok(Self(if is_plain(token) {
            token.to_owned()
        } else {
            String::new()
        })))
    }
}

fn is_plain(token: &str) -> bool {
    token.len() <= MAX_TOKEN && token.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn read(request: TestRequest) -> String {
        let read = LockToken::from_request(&request.to_http_request(), &mut Payload::None);
        read.into_inner().map(|LockToken(token)| token).unwrap()
    }

    #[test]
    fn what_is_no_token_of_ours_is_none() {
        let sent = |token: &str| read(TestRequest::default().insert_header(("X-Lock-Token", token)));
        assert_eq!(sent("0123abcd"), "0123abcd");
        assert_eq!(read(TestRequest::default()), "");
        for foreign in ["", "with space", &"x".repeat(MAX_TOKEN + 1)] {
            assert_eq!(sent(foreign), "", "{foreign}");
        }
    }
}
