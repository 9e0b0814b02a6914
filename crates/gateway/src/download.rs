//! A file of the blob store as an answer: whole, or the part of it that the request asks for. A part is read out of the whole,
//! which has to be undamaged; very large files are given out whole only.

mod part;
mod range;

use std::ops::Range;

use actix_web::body::SizedStream;
use actix_web::http::header::{
    self, ContentDisposition, DispositionParam, DispositionType, ETag, HeaderValue, TryIntoHeaderValue as _,
};
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use blobs::Blobs;
use bytes::Bytes;
use contracts::{Code, Problem};
use domain::{CopyId, Digest};
use futures::stream::BoxStream;

use crate::blob_failure;
use crate::etag;
use crate::problem::Refused;
use range::Wanted;

/// What was given to somebody alone.
pub(crate) const KEPT_BY_NOBODY: HeaderValue = HeaderValue::from_static("private, no-store");

/// Answers with a file, of a copy if it is of one.
pub(crate) async fn answer(
    request: &HttpRequest,
    blobs: &Blobs,
    digest: Digest,
    copy: Option<CopyId>,
    media_type: &str,
) -> Result<HttpResponse, Refused> {
    let tag = etag::of_digest(digest);
    if etag::is_known(request, &tag) {
        return Ok(known(tag));
    }
    let (size, pieces) = opened(blobs, digest, copy).await?;
    let (mut answer, part) = match range::wanted(request, &tag, size) {
        Wanted::Whole => (HttpResponse::Ok(), 0..size),
        Wanted::Part(part) => (partial(&part, size), part),
        Wanted::Beyond => {
            let problem = Problem::of(Code::RangeNotSatisfiable);
            return Err(problem.with("size", size.to_string()).into());
        }
    };
    let length = part.end.saturating_sub(part.start);
    let pieces = blob_failure::reporting(part::part(pieces, part), copy);
    Ok(answer
        .insert_header(tag)
        .insert_header((header::ACCEPT_RANGES, "bytes"))
        .insert_header((header::CONTENT_TYPE, media_type))
        .body(SizedStream::new(length, pieces)))
}

/// Answers with a whole file.
pub(crate) async fn whole(
    request: &HttpRequest,
    blobs: &Blobs,
    digest: Digest,
    media_type: &str,
) -> Result<HttpResponse, Refused> {
    let tag = etag::of_digest(digest);
    if etag::is_known(request, &tag) {
        return Ok(known(tag));
    }
    let (size, pieces) = opened(blobs, digest, None).await?;
    let pieces = blob_failure::reporting(pieces, None);
    Ok(HttpResponse::Ok()
        .insert_header(tag)
        .insert_header((header::CONTENT_TYPE, media_type))
        .body(SizedStream::new(size, pieces)))
}

/// Gives the file of an answer its name. Nobody on the way keeps it: whoever wants it again asks again, and that is
/// recorded again.
pub(crate) fn disclosed(
    answer: &mut HttpResponse,
    disposition: DispositionType,
    name: String,
) -> Result<(), Refused> {
    let disposition = ContentDisposition {
        disposition,
        parameters: vec![DispositionParam::Filename(name)],
    };
    let disposition = disposition
        .try_into_value()
        .map_err(|_unprintable| Code::Internal)?;
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, KEPT_BY_NOBODY);
    headers.insert(header::CONTENT_DISPOSITION, disposition);
    Ok(())
}

/// The caller has it already.
fn known(tag: ETag) -> HttpResponse {
    HttpResponse::NotModified().insert_header(tag).finish()
}

/// How large a file is, and its bytes.
async fn opened(
    blobs: &Blobs,
    digest: Digest,
    copy: Option<CopyId>,
) -> Result<(u64, BoxStream<'static, blobs::Result<Bytes>>), Refused> {
    let opened = blobs.stream(digest).await;
    let (size, pieces) = opened.map_err(|error| blob_failure::report(&error, copy))?;
    Ok((size.bytes(), pieces))
}

fn partial(part: &Range<u64>, size: u64) -> HttpResponseBuilder {
    let last = part.end.saturating_sub(1);
    let place = format!("bytes {}-{last}/{size}", part.start);
    let mut answer = HttpResponse::PartialContent();
    answer.insert_header((header::CONTENT_RANGE, place));
    answer
}
