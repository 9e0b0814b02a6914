//! `GET /users`: the people with access.

use actix_web::{HttpRequest, HttpResponse, web};
use contracts::grading::ListUsersRequest;
use contracts::{Code, Fields};
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{PageRequest, Query, checked};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::names::Role;
use crate::view::{Account, List};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/users",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::Invalid],
    route: |method| web::method(method).to(handle),
};

/// List people
///
/// Everybody with access, in the order in which they were added. Only administrators may.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "listUsers",
    tag = "users",
    params(
        ("role" = Option<Role>, Query, description = "Only those who are this."),
        PageRequest,
    ),
    responses((status = 200, description = "A page of people.", body = List<Account>, headers(
        ("Link" = String, description = "The next page, as `rel=\"next\"`; absent on the last.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    request: HttpRequest,
    state: web::Data<State>,
    query: Query,
) -> Result<HttpResponse, Refused> {
    let mut fields = Fields::default();
    let page = PageRequest::of(&query, &mut fields);
    let role = query.text(&mut fields, "/role");
    checked(fields)?;
    let message = ListUsersRequest {
        cursor: page.cursor.clone(),
        limit: page.limit,
        role: role.clone(),
    };
    let list = async |transport, request| grading::users(transport).list(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, list).await?;
    let users: Vec<Account> = reply.users.into_iter().map(Into::into).collect();
    Ok(List::new(users, reply.next_cursor).answer(&request, &page, &[("role", &role)]))
}
