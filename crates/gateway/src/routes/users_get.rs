//! `GET /users/{id}`: one person.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::GetUserRequest;
use domain::UserId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::Account;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/users/{id}",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Get a person
///
/// Only administrators may.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getUser",
    tag = "users",
    params(("id" = String, Path, format = Uuid, description = "The person.")),
    responses((status = 200, description = "The person.", body = Account))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<UserId>,
) -> Result<HttpResponse, Refused> {
    let get = async |transport, request| grading::users(transport).get(request).await;
    let message = GetUserRequest { id: id.to_string() };
    let account = state.grading.repeatable(Some(&caller), message, get).await?;
    Ok(HttpResponse::Ok().json(Account::from(account)))
}
