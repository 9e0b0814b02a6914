//! Entity tags: versions of what several people edit, digests of what never changes.

use actix_web::HttpRequest;
use actix_web::http::header::{self, EntityTag, Header as _, IfNoneMatch};
use domain::Digest;

/// The `ETag` of a version.
pub(crate) fn of_version(version: i64) -> header::ETag {
    header::ETag(EntityTag::new_strong(version.to_string()))
}

/// The `ETag` of an immutable object.
pub(crate) fn of_digest(digest: Digest) -> header::ETag {
    header::ETag(EntityTag::new_strong(digest.to_string()))
}

/// Whether the caller says that it has this already.
pub(crate) fn is_known(request: &HttpRequest, tag: &header::ETag) -> bool {
    if !request.headers().contains_key(header::IF_NONE_MATCH) {
        return false;
    }
    match IfNoneMatch::parse(request) {
        Ok(IfNoneMatch::Any) => true,
        Ok(IfNoneMatch::Items(known)) => known.iter().any(|known| known.weak_eq(&tag.0)),
        Err(_malformed) => false,
    }
}
