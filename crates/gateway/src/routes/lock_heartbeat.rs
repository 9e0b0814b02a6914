//! `POST /copies/{id}/lock/heartbeat`: a sign of life of the corrector.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::HeartbeatLockRequest;
use domain::CopyId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, LockToken};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::LiveLock;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/copies/{id}/lock/heartbeat",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[
        Code::AlreadyLocked,
        Code::Expired,
        Code::Forbidden,
        Code::NotFound,
        Code::TokenMismatch,
        Code::WrongState,
    ],
    route: |method| web::method(method).to(handle),
};

/// Extend a lock
///
/// To be sent every third of its length, as long as somebody corrects.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "extendLock",
    tag = "correcting",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
        ("X-Lock-Token" = String, Header, description = "The token of the caller's lock of the copy."),
    ),
    responses((status = 200, description = "It goes on.", body = LiveLock))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
    LockToken(lock_token): LockToken,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let message = HeartbeatLockRequest {
        copy_id: id.to_string(),
        lock_token,
    };
    let heartbeat = async |transport, request| grading::locks(transport).heartbeat(request).await;
    let reply = state
        .grading
        .repeatable(Some(&caller), message, heartbeat)
        .await?;
    Ok(HttpResponse::Ok().json(LiveLock::from(reply)))
}
