//! `POST /copies/{id}/discard`: putting a copy aside.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::DiscardCopyRequest;
use domain::CopyId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::body::Reasoned;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, Json};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::{Copy, Versioned as _};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/copies/{id}/discard",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NotFound, Code::WrongState],
    route: |method| web::method(method).to(handle),
};

/// Discard a copy
///
/// Puts a copy aside that never became READY: no list shows it any more. Only administrators may.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "discardCopy",
    tag = "copies",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
    ),
    request_body = Reasoned,
    responses((status = 200, description = "The copy as it was put aside.", body = Copy, headers(
        ("ETag" = String, description = "Its version.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
    Json(why): Json<Reasoned>,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let message = DiscardCopyRequest {
        id: id.to_string(),
        reason: why.reason()?.to_string(),
    };
    let discard = async |transport, request| grading::copies(transport).discard(request).await;
    let copy = state.grading.once(Some(&caller), message, discard).await?;
    Ok(Copy::from(copy).ok())
}
