//! `GET /copies/{id}/pages/{index}`: the image of a page.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use contracts::grading::{GetPageImageRequest, ImageSize};
use contracts::{Code, FieldCode, Fields};
use domain::{CopyId, Digest};
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::download;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, Index, Query, checked};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::names::Binary;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/copies/{id}/pages/{index}",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Image,
    problems: &[
        Code::Forbidden,
        Code::Invalid,
        Code::NotFound,
        Code::RangeNotSatisfiable,
    ],
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
        ("Range" = Option<String>, Header, description = "The part that is wanted, as `bytes=0-1023`."),
        ("If-Range" = Option<String>, Header, description = "The tag of the image that the part must be of; else the whole comes."),
        ("If-None-Match" = Option<String>, Header, description = "The tag that the caller has already."),
    ),
    responses(
        (status = 200, description = "The image.", content(
            (Binary = "image/png"), (Binary = "image/jpeg"), (Binary = "image/webp")
        ), headers(
            ("Accept-Ranges" = String, description = "`bytes`."),
            ("Content-Disposition" = String, description = "`inline`."),
            ("ETag" = String, description = "Its digest.")
        )),
        (status = 206, description = "The part of the image.", content(
            (Binary = "image/png"), (Binary = "image/jpeg"), (Binary = "image/webp")
        ), headers(
            ("Accept-Ranges" = String, description = "`bytes`."),
            ("Content-Disposition" = String, description = "`inline`."),
            ("Content-Range" = String, description = "Which part it is, and how large the whole is."),
            ("ETag" = String, description = "The digest of the whole.")
        )),
        (status = 304, description = "The caller has it already.", headers(
            ("ETag" = String, description = "Its digest.")
        )),
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
    let get = async |transport, request| grading::copies(transport).get_page_image(request).await;
    let image = state.grading.repeatable(Some(&caller), message, get).await?;
    let digest: Digest = image.digest.parse().map_err(|_not_a_digest| Code::Internal)?;
    let mut answer = download::answer(&request, &state.blobs, digest, Some(id), &image.media_type).await?;
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, KEEP);
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    Ok(answer)
}

/// For this browser only, and only after asking.
const KEEP: HeaderValue = HeaderValue::from_static("private, no-cache");

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
