//! `POST /copies/{id}/identity`: saying whose copy it is.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::SetIdentityRequest;
use domain::CopyId;
use serde::Deserialize;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, Json};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::names::IdentityMethod;
use crate::view::{Copy, Versioned as _};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/copies/{id}/identity",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[
        Code::Forbidden,
        Code::NoPages,
        Code::NotFound,
        Code::StudentHasCopy,
        Code::WrongState,
    ],
    route: |method| web::method(method).to(handle),
};

/// Whose copy it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewIdentity {
    #[serde(default)]
    #[schema(required = true, format = Uuid)]
    student_id: String,
    /// How that was found out.
    #[serde(default)]
    #[schema(required = true, value_type = IdentityMethod)]
    method: String,
}

/// Identify a copy
///
/// Says whose copy it is; of a copy that somebody else is said to have written, that is taken back first. Not while the results
/// of the exam are released. Only administrators may.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "identifyCopy",
    tag = "identification",
    params(("id" = String, Path, format = Uuid, description = "The copy.")),
    request_body = NewIdentity,
    responses((status = 200, description = "The copy.", body = Copy, headers(
        ("ETag" = String, description = "Its version.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
    Json(identity): Json<NewIdentity>,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let message = SetIdentityRequest {
        copy_id: id.to_string(),
        student_id: identity.student_id,
        method: identity.method,
    };
    let set = async |transport, request| grading::identities(transport).set(request).await;
    let copy = state.grading.once(Some(&caller), message, set).await?;
    Ok(Copy::from(copy).ok())
}
