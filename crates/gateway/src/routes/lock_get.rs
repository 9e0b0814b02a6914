//! `GET /copies/{id}/lock`: whether somebody corrects a copy.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::GetLockRequest;
use domain::CopyId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::LockStatus;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/copies/{id}/lock",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Get the lock of a copy
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getLock",
    tag = "correcting",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
    ),
    responses((status = 200, description = "Whether there is one.", body = LockStatus))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let message = GetLockRequest {
        copy_id: id.to_string(),
    };
    let get = async |transport, request| grading::locks(transport).get(request).await;
    let status = state.grading.repeatable(Some(&caller), message, get).await?;
    Ok(HttpResponse::Ok().json(LockStatus::from(status)))
}
