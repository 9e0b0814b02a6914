//! `POST /copies/{id}/validate`: declaring the pages of a copy complete and legible.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::ValidateCopyRequest;
use domain::CopyId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, IfMatch};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::{Copy, Versioned as _};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/copies/{id}/validate",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[
        Code::Forbidden,
        Code::NoPages,
        Code::NotFound,
        Code::StaleVersion,
        Code::WrongState,
    ],
    route: |method| web::method(method).to(handle),
};

/// Validate a copy
///
/// Declares its pages complete and legible: from STAGING to READY.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "validateCopy",
    tag = "copies",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
        ("If-Match" = Option<String>, Header, description = "Only if the copy still has this version."),
    ),
    responses((status = 200, description = "The copy, now READY.", body = Copy, headers(
        ("ETag" = String, description = "Its version.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
    IfMatch(if_version): IfMatch,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let message = ValidateCopyRequest {
        id: id.to_string(),
        if_version,
    };
    let validate = async |transport, request| grading::copies(transport).validate(request).await;
    let copy = state.grading.once(Some(&caller), message, validate).await?;
    Ok(Copy::from(copy).ok())
}
