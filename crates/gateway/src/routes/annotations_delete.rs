//! `DELETE /copies/{id}/annotations/{aid}`: taking an annotation away.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::DeleteAnnotationRequest;
use domain::CopyId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Aid, Id, LockToken, Version};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Delete,
    path: "/api/v1/copies/{id}/annotations/{aid}",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Nothing,
    problems: &[
        Code::AlreadyLocked,
        Code::Expired,
        Code::Forbidden,
        Code::LockRequired,
        Code::NotFound,
        Code::StaleVersion,
        Code::TokenMismatch,
        Code::VersionRequired,
        Code::WrongState,
    ],
    route: |method| web::method(method).to(handle),
};

/// Delete an annotation
#[utoipa::path(
    delete,
    path = ENDPOINT.path,
    operation_id = "deleteAnnotation",
    tag = "correcting",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
        ("aid" = String, Path, format = Uuid, description = "The annotation."),
        ("If-Match" = String, Header, description = "The version of the annotation that the caller has read."),
        ("X-Lock-Token" = String, Header, description = "The token of the caller's lock of the copy."),
    ),
    responses((status = 204, description = "It is gone."))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    place: (Id<CopyId>, Aid),
    guard: (LockToken, Version),
) -> Result<HttpResponse, Refused> {
    let (Id(id), Aid(annotation)) = place;
    let (LockToken(token), Version(version)) = guard;
    telemetry::context::set_copy(id);
    let message = DeleteAnnotationRequest {
        copy_id: id.to_string(),
        id: annotation.to_string(),
        lock_token: token,
        if_version: version,
    };
    let delete = async |transport, request| grading::annotations(transport).delete(request).await;
    state.grading.once(Some(&caller), message, delete).await?;
    Ok(HttpResponse::NoContent().finish())
}
