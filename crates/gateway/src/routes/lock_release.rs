//! `DELETE /copies/{id}/lock`: giving a copy back.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::ReleaseLockRequest;
use domain::CopyId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, LockToken};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Delete,
    path: "/api/v1/copies/{id}/lock",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Nothing,
    problems: &[Code::Forbidden, Code::NotFound, Code::TokenMismatch],
    route: |method| web::method(method).to(handle),
};

/// Release a lock
///
/// Somebody else can correct the copy then. Also succeeds when there is no lock any more.
#[utoipa::path(
    delete,
    path = ENDPOINT.path,
    operation_id = "releaseLock",
    tag = "correcting",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
        ("X-Lock-Token" = String, Header, description = "The token of the caller's lock of the copy."),
    ),
    responses((status = 204, description = "The caller has no lock of the copy."))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
    LockToken(lock_token): LockToken,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let message = ReleaseLockRequest {
        copy_id: id.to_string(),
        lock_token,
    };
    let release = async |transport, request| grading::locks(transport).release(request).await;
    state.grading.repeatable(Some(&caller), message, release).await?;
    Ok(HttpResponse::NoContent().finish())
}
