//! `GET /copies/{id}/identity-image`: the part of a copy that says who wrote it.

use actix_web::http::header::{self, HeaderValue};
use actix_web::{HttpRequest, HttpResponse, web};
use contracts::Code;
use contracts::grading::ShowIdentityRequest;
use domain::{CopyId, Digest};
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::download;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::names::Binary;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/copies/{id}/identity-image",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::IdentityImage,
    problems: &[
        Code::Forbidden,
        Code::NoPages,
        Code::NotFound,
        Code::RangeNotSatisfiable,
        Code::WrongState,
    ],
    route: |method| web::method(method).to(handle),
};

/// Show who wrote a copy
///
/// The identity zone of the first page, or its upper third in an exam without a zone. Of a copy that was imported by a version
/// which did not make that image, the whole page. That the caller was shown it is recorded before the first byte leaves,
/// each time that it is asked for. Only administrators may.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getIdentityImage",
    tag = "identification",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
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
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let message = ShowIdentityRequest {
        copy_id: id.to_string(),
    };
    // Shown twice is recorded twice: repeating it is harmless.
    let show = async |transport, request| grading::identities(transport).show(request).await;
    let image = state.grading.repeatable(Some(&caller), message, show).await?;
    let digest: Digest = image.digest.parse().map_err(|_not_a_digest| Code::Internal)?;
    let mut answer = download::answer(&request, &state.blobs, digest, Some(id), &image.media_type).await?;
    let headers = answer.headers_mut();
    headers.insert(header::CACHE_CONTROL, download::KEPT_BY_NOBODY);
    headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_static("inline"));
    Ok(answer)
}
