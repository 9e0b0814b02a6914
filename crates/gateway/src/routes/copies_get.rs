//! `GET /copies/{id}`: one copy with its pages.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::GetCopyRequest;
use domain::CopyId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::{Copy, Versioned as _};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/copies/{id}",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Get a copy
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getCopy",
    tag = "copies",
    params(("id" = String, Path, format = Uuid, description = "The copy.")),
    responses((status = 200, description = "The copy.", body = Copy, headers(
        ("ETag" = String, description = "Its version.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let get = async |transport, request| grading::copies(transport).get(request).await;
    let copy = state
        .grading
        .repeatable(Some(&caller), GetCopyRequest { id: id.to_string() }, get)
        .await?;
    Ok(Copy::from(copy).ok())
}
