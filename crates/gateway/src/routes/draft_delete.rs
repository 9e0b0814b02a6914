//! `DELETE /copies/{id}/draft`: what the caller has not saved yet.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::DeleteDraftRequest;
use domain::CopyId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Delete,
    path: "/api/v1/copies/{id}/draft",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Nothing,
    problems: &[Code::Forbidden, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Delete the draft
///
/// Also succeeds when there is none.
#[utoipa::path(
    delete,
    path = ENDPOINT.path,
    operation_id = "deleteDraft",
    tag = "correcting",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
    ),
    responses((status = 204, description = "The caller has no draft of the copy."))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let message = DeleteDraftRequest {
        copy_id: id.to_string(),
    };
    let delete = async |transport, request| grading::drafts(transport).delete(request).await;
    state.grading.repeatable(Some(&caller), message, delete).await?;
    Ok(HttpResponse::NoContent().finish())
}
