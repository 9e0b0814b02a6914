//! `POST /session/invitation`: choosing a password with an invitation.

use actix_web::{HttpRequest, HttpResponse, web};
use contracts::Code;
use contracts::grading::AcceptInvitationRequest;
use serde::Deserialize;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::csrf;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{ClientAddress, Json};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/session/invitation",
    who: Who::Anyone,
    takes: Takes::Json,
    gives: Gives::Nothing,
    problems: &[
        Code::Csrf,
        Code::NotFound,
        Code::SlowDown,
        Code::DbContention,
        Code::Unavailable,
        Code::Timeout,
    ],
    route: |method| web::method(method).to(handle),
};

/// The token of an invitation, and the password that its holder chooses.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Acceptance {
    token: String,
    #[schema(format = Password, min_length = 12, max_length = 256)]
    password: String,
}

/// Choose a password
///
/// With the token of an invitation, which is used up. Nobody is logged in by it; every session that the person
/// may have had ends. A token that is unknown, used or expired is not found.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "acceptInvitation",
    tag = "session",
    request_body = Acceptance,
    responses((status = 204, description = "The password is chosen: log in with it."))
)]
pub(crate) async fn handle(
    request: HttpRequest,
    state: web::Data<State>,
    client: ClientAddress,
    Json(Acceptance { token, password }): Json<Acceptance>,
) -> Result<HttpResponse, Refused> {
    csrf::check_login(&request, &state.origins)?;
    let message = AcceptInvitationRequest {
        token,
        password,
        client_address: client.expose(),
    };
    let accept = async |transport, request| grading::sessions(transport).accept_invitation(request).await;
    state.grading.once(None, message, accept).await?;
    Ok(HttpResponse::NoContent().finish())
}
