//! `POST /copies/{id}/lock/force-release`: taking a copy from its corrector.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::ForceReleaseLockRequest;
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
    path: "/api/v1/copies/{id}/lock/force-release",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NotFound, Code::WrongState],
    route: |method| web::method(method).to(handle),
};

/// Force the release of a lock
///
/// Takes the copy from its corrector, who can write nothing more on it. Only administrators may.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "forceReleaseLock",
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
    let message = ForceReleaseLockRequest {
        copy_id: id.to_string(),
        reason: why.reason()?.to_string(),
    };
    let release = async |transport, request| grading::locks(transport).force_release(request).await;
    let copy = state.grading.once(Some(&caller), message, release).await?;
    Ok(Copy::from(copy).ok())
}
