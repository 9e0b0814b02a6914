//! `GET /metrics`: Prometheus text, for who has the token or is an administrator.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use contracts::Code;
use contracts::grading::CurrentSessionRequest;
use domain::{Digest, Role};
use telemetry::http::Method;

use crate::auth::{Credentials, bearer};
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/metrics",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Metrics,
    problems: &[Code::Forbidden],
    route: |method| web::method(method).to(handle),
};

/// Read the metrics
///
/// For the bearer of the metrics token, or an administrator's session. The admin listener has them too.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getMetrics",
    tag = "system",
    responses((status = 200, description = "Prometheus text format.", body = String, content_type = "text/plain"))
)]
pub(crate) async fn handle(request: HttpRequest, state: web::Data<State>) -> Result<HttpResponse, Refused> {
    if !has_token(&request, state.metrics_token) {
        check_administrator(&request, &state).await?;
    }
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"))
        .body(state.lifecycle.metrics_text()))
}

/// Digests are compared, so the time it takes says nothing about the token.
fn has_token(request: &HttpRequest, expected: Option<Digest>) -> bool {
    let header = request
        .headers()
        .get(header::AUTHORIZATION)
        .and_then(|value| value.to_str().ok());
    let presented = header.and_then(bearer).map(|token| Digest::of(token.as_bytes()));
    presented.is_some() && presented == expected
}

async fn check_administrator(request: &HttpRequest, state: &State) -> Result<(), Refused> {
    let caller = Credentials::of(request)?;
    let current = async |transport, request| grading::sessions(transport).current(request).await;
    let user = state
        .grading
        .repeatable(Some(&caller), CurrentSessionRequest {}, current)
        .await?;
    // The one decision that is made here: these are the numbers of this process, there is no operation of grading to
    // decide it with. Who the caller is, and that the session lives, grading has just said.
    match user.role.parse() {
        Ok(Role::Admin) => Ok(()),
        Ok(Role::Teacher | Role::Student) | Err(_) => Err(Code::Forbidden.into()),
    }
}
