//! `GET /session`: who is logged in.

use actix_web::{HttpResponse, web};
use contracts::grading::CurrentSessionRequest;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::CurrentSession;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/session",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[],
    route: |method| web::method(method).to(handle),
};

/// Who is logged in
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "currentSession",
    tag = "session",
    responses((status = 200, description = "The person behind the session.", body = CurrentSession))
)]
pub(crate) async fn handle(caller: Credentials, state: web::Data<State>) -> Result<HttpResponse, Refused> {
    let current = async |transport, request| grading::sessions(transport).current(request).await;
    let user = state
        .grading
        .repeatable(Some(&caller), CurrentSessionRequest {}, current)
        .await?;
    if let Ok(id) = user.id.parse() {
        telemetry::context::set_user(id);
    }
    Ok(HttpResponse::Ok().json(CurrentSession::from(user)))
}
