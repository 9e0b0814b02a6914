//! `PATCH /users/{id}`: changing a person.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::UpdateUserRequest;
use domain::UserId;
use serde::Deserialize;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, Json};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::Account;
use crate::view::names::Role;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Patch,
    path: "/api/v1/users/{id}",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// What changes. What is absent stays as it is.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct UserChange {
    #[schema(max_length = 200)]
    display_name: Option<String>,
    #[schema(value_type = Option<Role>)]
    role: Option<String>,
    disabled: Option<bool>,
}

/// Change a person
///
/// Disabling logs them out everywhere at once and ends their invitation. Nobody disables or demotes themselves:
/// that is `invalid`, with `yourself` at the field. Only administrators may.
#[utoipa::path(
    patch,
    path = ENDPOINT.path,
    operation_id = "updateUser",
    tag = "users",
    params(("id" = String, Path, format = Uuid, description = "The person.")),
    request_body = UserChange,
    responses((status = 200, description = "The person, changed.", body = Account))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<UserId>,
    Json(change): Json<UserChange>,
) -> Result<HttpResponse, Refused> {
    let message = UpdateUserRequest {
        id: id.to_string(),
        display_name: change.display_name,
        role: change.role,
        disabled: change.disabled,
    };
    // Done twice, it is done once.
    let update = async |transport, request| grading::users(transport).update(request).await;
    let account = state.grading.repeatable(Some(&caller), message, update).await?;
    Ok(HttpResponse::Ok().json(Account::from(account)))
}
