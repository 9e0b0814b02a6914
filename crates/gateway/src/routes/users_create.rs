//! `POST /users`: a new person, and their invitation.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::CreateUserRequest;
use serde::Deserialize;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Json;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::InvitedAccount;
use crate::view::names::Role;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/users",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[Code::Forbidden],
    route: |method| web::method(method).to(handle),
};

/// Who the person is. What is missing is refused by name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewUser {
    /// What they log in with, compared without case.
    #[serde(default)]
    #[schema(required = true, max_length = 128)]
    login: String,
    #[serde(default)]
    #[schema(required = true, max_length = 200)]
    display_name: String,
    #[serde(default)]
    #[schema(required = true, value_type = Role)]
    role: String,
}

impl From<NewUser> for CreateUserRequest {
    fn from(user: NewUser) -> Self {
        Self {
            login: user.login,
            display_name: user.display_name,
            role: user.role,
        }
    }
}

/// Make a person
///
/// They have no password yet: hand them the token of the invitation, with which they choose one. Only
/// administrators may.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "createUser",
    tag = "users",
    request_body = NewUser,
    responses((status = 201, description = "The person and their invitation.", body = InvitedAccount, headers(
        ("Location" = String, description = "Where the person is.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Json(user): Json<NewUser>,
) -> Result<HttpResponse, Refused> {
    let create = async |transport, request| grading::users(transport).create(request).await;
    let created = state.grading.once(Some(&caller), user.into(), create).await?;
    let created = InvitedAccount::from(created);
    let location = format!("/api/v1/users/{}", created.user.id);
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, location))
        .json(created))
}
