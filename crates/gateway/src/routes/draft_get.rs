//! `GET /copies/{id}/draft`: what the caller has not saved yet.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::GetDraftRequest;
use domain::CopyId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::Draft;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/copies/{id}/draft",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Get the draft
///
/// The caller's own; nobody else sees it.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getDraft",
    tag = "correcting",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
    ),
    responses(
        (status = 200, description = "The draft.", body = Draft),
        (status = 204, description = "There is none."),
    )
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let message = GetDraftRequest {
        copy_id: id.to_string(),
    };
    let get = async |transport, request| grading::drafts(transport).get(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, get).await?;
    match reply.draft {
        Some(draft) => Ok(HttpResponse::Ok().json(Draft::try_from(draft)?)),
        None => Ok(HttpResponse::NoContent().finish()),
    }
}
