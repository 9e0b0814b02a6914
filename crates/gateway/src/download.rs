//! A file of the blob store as an answer: whole, or the part of it that the request asks for. A part is read out of the whole,
//! which has to be undamaged; very large files are given out whole only.

mod part;
mod range;

use std::ops::Range;

use actix_web::body::SizedStream;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, HttpResponseBuilder};
use blobs::Blobs;
use contracts::{Code, Problem};
use domain::{CopyId, Digest};

use crate::blob_failure;
use crate::etag;
use crate::problem::Refused;
use range::Wanted;

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
        return Ok(HttpResponse::NotModified().insert_header(tag).finish());
    }
    let (length, pieces) = blobs
        .stream(digest)
        .await
        .map_err(|error| blob_failure::report(&error, copy))?;
    let size = length.bytes();
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
        return Ok(HttpResponse::NotModified().insert_header(tag).finish());
    }
    let (length, pieces) = blobs
        .stream(digest)
        .await
        .map_err(|error| blob_failure::report(&error, None))?;
    Ok(HttpResponse::Ok()
        .insert_header(tag)
        .insert_header((header::CONTENT_TYPE, media_type))
        .body(SizedStream::new(
            length.bytes(),
            blob_failure::reporting(pieces, None),
        )))
}

fn partial(part: &Range<u64>, size: u64) -> HttpResponseBuilder {
    let last = part.end.saturating_sub(1);
    let place = format!("bytes {}-{last}/{size}", part.start);
    let mut answer = HttpResponse::PartialContent();
    answer.insert_header((header::CONTENT_RANGE, place));
    answer
}
