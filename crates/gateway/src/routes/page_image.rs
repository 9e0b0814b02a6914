//! `GET /copies/{id}/pages/{index}`: the image of a page.

use actix_web::body::SizedStream;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use contracts::grading::copies_client::CopiesClient;
use contracts::grading::{GetPageImageRequest, ImageSize};
use contracts::{Code, FieldCode, Fields};
use domain::{CopyId, Digest};
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::blob_failure;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::etag;
use crate::extract::{Id, Index, Query, checked};
use crate::problem::Refused;
use crate::state::State;
use crate::view::names::Binary;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/copies/{id}/pages/{index}",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Image,
    problems: &[Code::Invalid, Code::NoPages, Code::NotFound, Code::PageOutOfRange],
    route: |method| web::method(method).to(handle),
};

/// Get the image of a page
///
/// An image never changes, so its tag is its digest. A browser may keep it, and asks each time whether it
/// still may show it.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getPageImage",
    tag = "copies",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
        ("index" = u32, Path, description = "The page, counted from 0."),
        ("size" = Option<String>, Query, pattern = "^(display|thumb)$", description = "`display` if it is not given."),
        ("If-None-Match" = Option<String>, Header, description = "The tag that the caller has already."),
    ),
    responses(
        (status = 200, description = "The image.", content(
            (Binary = "image/png"), (Binary = "image/jpeg"), (Binary = "image/webp")
        ), headers(("ETag" = String, description = "Its digest."))),
        (status = 304, description = "The caller has it already."),
    )
)]
pub(crate) async fn handle(
    caller: Credentials,
    request: HttpRequest,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
    Index(index): Index,
    query: Query,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let size = size(&query)?;
    let message = GetPageImageRequest {
        copy_id: id.to_string(),
        index: index.get().into(),
        size: size.into(),
    };
    let get = async |transport, request| CopiesClient::new(transport).get_page_image(request).await;
    let image = state.grading.repeatable(Some(&caller), message, get).await?;
    let digest: Digest = image.digest.parse().map_err(|_not_a_digest| Code::Internal)?;
    let tag = etag::of_digest(digest);
    if etag::is_known(&request, &tag) {
        return Ok(HttpResponse::NotModified()
            .insert_header(tag)
            .insert_header(KEEP)
            .finish());
    }
    let (length, pieces) = state
        .blobs
        .stream(digest)
        .await
        .map_err(|error| blob_failure::report(&error, Some(id)))?;
    let pieces = blob_failure::reporting(pieces, id);
    Ok(HttpResponse::Ok()
        .insert_header(tag)
        .insert_header(KEEP)
        .insert_header((header::CONTENT_TYPE, image.media_type))
        .insert_header((header::CONTENT_DISPOSITION, "inline"))
        .body(SizedStream::new(length.bytes(), pieces)))
}

/// For this browser only, and only after asking.
const KEEP: (header::HeaderName, &str) = (header::CACHE_CONTROL, "private, no-cache");

fn size(query: &Query) -> Result<ImageSize, Refused> {
    let mut fields = Fields::default();
    let size = match query.text(&mut fields, "/size").as_str() {
        "" | "display" => Some(ImageSize::Display),
        "thumb" => Some(ImageSize::Thumbnail),
        _ => fields.check("/size", None, FieldCode::OutOfRange),
    };
    checked(fields)?;
    size.ok_or_else(|| Code::Internal.into())
}
