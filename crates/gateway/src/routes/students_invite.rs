//! `POST /students/{id}/invite`: giving a pupil access.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::InviteStudentRequest;
use domain::StudentId;
use serde::Deserialize;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, Json};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::InvitedAccount;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/students/{id}/invite",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// By what a pupil comes in.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PupilAccess {
    /// What they log in with, compared without case. Who has access already keeps their login, and it need not be said.
    #[serde(default)]
    #[schema(max_length = 128)]
    login: String,
}

/// Invite a pupil
///
/// Gives them access, or a new invitation if they have it: older ones end. Hand them the token, with which they choose a
/// password. Only administrators may.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "inviteStudent",
    tag = "students",
    params(("id" = String, Path, format = Uuid, description = "The pupil.")),
    request_body = PupilAccess,
    responses((status = 201, description = "Their access and the invitation.", body = InvitedAccount))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<StudentId>,
    Json(access): Json<PupilAccess>,
) -> Result<HttpResponse, Refused> {
    let message = InviteStudentRequest {
        id: id.to_string(),
        login: access.login,
    };
    let invite = async |transport, request| grading::students(transport).invite(request).await;
    let invited = state.grading.once(Some(&caller), message, invite).await?;
    Ok(HttpResponse::Created().json(InvitedAccount::from(invited)))
}
