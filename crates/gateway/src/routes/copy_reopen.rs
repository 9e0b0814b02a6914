//! `POST /copies/{id}/reopen`: correcting a copy again.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::ReopenCopyRequest;
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
    path: "/api/v1/copies/{id}/reopen",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NotFound, Code::WrongState],
    route: |method| web::method(method).to(handle),
};

/// Reopen a copy
///
/// Back to READY from GRADED or `GRADING_FAILED`, to be corrected again. Only administrators may, and not while the results are released.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "reopenCopy",
    tag = "correcting",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
    ),
    request_body = Reasoned,
    responses((status = 200, description = "The copy, now READY.", body = Copy, headers(
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
    let message = ReopenCopyRequest {
        id: id.to_string(),
        reason: why.reason()?.to_string(),
    };
    let reopen = async |transport, request| grading::copies(transport).reopen(request).await;
    let copy = state.grading.once(Some(&caller), message, reopen).await?;
    Ok(Copy::from(copy).ok())
}
