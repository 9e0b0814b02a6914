//! `POST /users/{id}/invitation`: a new invitation for a person.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::InviteUserRequest;
use domain::UserId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::Invitation;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/users/{id}/invitation",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Invite a person
///
/// For the first time, or because they have forgotten their password. Older invitations end; the password stays
/// until the new one is accepted. Only administrators may.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "inviteUser",
    tag = "users",
    params(("id" = String, Path, format = Uuid, description = "The person.")),
    responses((status = 201, description = "The invitation.", body = Invitation))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<UserId>,
) -> Result<HttpResponse, Refused> {
    let invite = async |transport, request| grading::users(transport).invite(request).await;
    let message = InviteUserRequest { id: id.to_string() };
    let invitation = state.grading.once(Some(&caller), message, invite).await?;
    Ok(HttpResponse::Created().json(Invitation::from(invitation)))
}
