//! `POST /copies/{id}/lock`: beginning to correct a copy.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::AcquireLockRequest;
use domain::CopyId;
use serde::Deserialize;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, MaybeJson};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::Lock;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/copies/{id}/lock",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[
        Code::AlreadyLocked,
        Code::Forbidden,
        Code::NotFound,
        Code::WrongState,
    ],
    route: |method| web::method(method).to(handle),
};

/// What the caller wishes of a lock.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct LockWish {
    /// After how many seconds without a sign of life it ends; 600 if it is not given.
    #[schema(minimum = 60, maximum = 3600)]
    ttl_seconds: Option<u32>,
}

/// Lock a copy
///
/// Nobody else can correct the copy until the lock ends: when it is given back, or by itself, unless heartbeats extend it.
/// Who has it already gets it again with a new token; the token before is void then. A body is not needed.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "lockCopy",
    tag = "correcting",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
    ),
    request_body = Option<LockWish>,
    responses(
        (status = 200, description = "The caller had it already.", body = Lock),
        (status = 201, description = "The copy is locked.", body = Lock),
    )
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
    MaybeJson(wish): MaybeJson<LockWish>,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let message = AcquireLockRequest {
        copy_id: id.to_string(),
        ttl_seconds: wish.ttl_seconds,
    };
    // Who asks again gets the same lock.
    let acquire = async |transport, request| grading::locks(transport).acquire(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, acquire).await?;
    let mut answer = if reply.renewed {
        HttpResponse::Ok()
    } else {
        HttpResponse::Created()
    };
    Ok(answer.json(Lock::from(reply)))
}
