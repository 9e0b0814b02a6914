//! The version that the caller has read, out of `If-Match`.

use std::future::{Ready, ready};

use actix_web::dev::Payload;
use actix_web::http::header;
use actix_web::{FromRequest, HttpRequest};
use contracts::Code;

use crate::problem::Refused;

/// The version to guard by; none without the header or with `*`.
///
/// A tag that is not one of ours, a weak one or a list cannot be the current version: 412.
pub(crate) struct IfMatch(pub(crate) Option<i64>);

/// The same where a version must be given: 428 without the header, and with `*`, which stands for whatever is there.
pub(crate) struct Version(pub(crate) i64);

impl FromRequest for IfMatch {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        ready(read(request).map(Self))
    }
}

impl FromRequest for Version {
    type Error = Refused;
    type Future = Ready<Result<Self, Refused>>;

    fn from_request(request: &HttpRequest, _payload: &mut Payload) -> Self::Future {
        let given = read(request).and_then(|version| version.ok_or_else(|| Code::VersionRequired.into()));
        ready(given.map(Self))
    }
}

fn read(request: &HttpRequest) -> Result<Option<i64>, Refused> {
    let header = request.headers().get(header::IF_MATCH);
    match header.map(|value| value.to_str().unwrap_or_default().trim()) {
        None | Some("*") => Ok(None),
        Some(tag) => version(tag).map(Some).ok_or_else(|| Code::StaleVersion.into()),
    }
}

/// `"7"` is version 7.
fn version(tag: &str) -> Option<i64> {
    tag.strip_prefix('"')?.strip_suffix('"')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_strong_tag_with_a_number_is_a_version() {
        assert_eq!(version("\"7\""), Some(7));
        for refused in ["7", "W/\"7\"", "\"seven\"", "\"1\", \"2\"", "\""] {
            assert_eq!(version(refused), None, "{refused}");
        }
    }
}
