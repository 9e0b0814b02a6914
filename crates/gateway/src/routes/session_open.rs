//! `POST /session`: logging in.

use actix_web::{HttpRequest, HttpResponse, web};
use contracts::Code;
use contracts::grading::OpenSessionRequest;
use serde::Deserialize;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::csrf;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{ClientAddress, Json};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::OpenedSession;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/session",
    who: Who::Anyone,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[
        Code::BadCredentials,
        Code::Csrf,
        Code::SlowDown,
        Code::DbContention,
        Code::Unavailable,
        Code::Timeout,
    ],
    route: |method| web::method(method).to(handle),
};

/// Login and password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Login {
    login: String,
    #[schema(format = Password)]
    password: String,
}

/// Log in
///
/// Opens a session. Its token is answered once, and also set as a cookie for browsers. After some wrong
/// passwords for one login, or many from one address, further attempts have to wait as long as `Retry-After`
/// says, longer each time.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "openSession",
    tag = "session",
    request_body = Login,
    responses((status = 201, description = "Logged in.", body = OpenedSession, headers(
        ("Set-Cookie" = String, description = "The session cookie: HttpOnly, SameSite=Strict.")
    )))
)]
pub(crate) async fn handle(
    request: HttpRequest,
    state: web::Data<State>,
    client: ClientAddress,
    Json(Login { login, password }): Json<Login>,
) -> Result<HttpResponse, Refused> {
    csrf::check_login(&request, &state.origins)?;
    let message = OpenSessionRequest {
        login,
        password,
        client_address: client.expose(),
    };
    // A session that is opened twice because a connection broke ends by itself.
    let open = async |transport, request| grading::sessions(transport).open(request).await;
    let reply = state.grading.repeatable(None, message, open).await?;
    if let Some(user) = reply.user.as_ref().and_then(|user| user.id.parse().ok()) {
        telemetry::context::set_user(user);
    }
    let cookie = state.cookies.holding(&reply.token);
    Ok(HttpResponse::Created()
        .cookie(cookie)
        .json(OpenedSession::from(reply)))
}
