//! `POST /session/password`: changing one's password.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::ChangePasswordRequest;
use serde::Deserialize;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Json;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/session/password",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Nothing,
    problems: &[Code::BadCredentials, Code::SlowDown],
    route: |method| web::method(method).to(handle),
};

/// The password that is, and the one that is to be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct PasswordChange {
    #[schema(format = Password)]
    current: String,
    #[schema(format = Password, min_length = 12, max_length = 256)]
    new: String,
}

/// Change one's password
///
/// Ends every session of the person, also this one: log in again. A wrong current password counts as a failed
/// login.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "changePassword",
    tag = "session",
    request_body = PasswordChange,
    responses((status = 204, description = "Changed, and logged out everywhere.", headers(
        ("Set-Cookie" = String, description = "Makes the browser forget the session cookie.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Json(PasswordChange { current, new }): Json<PasswordChange>,
) -> Result<HttpResponse, Refused> {
    let message = ChangePasswordRequest { current, new };
    let change = async |transport, request| grading::sessions(transport).change_password(request).await;
    state.grading.once(Some(&caller), message, change).await?;
    Ok(HttpResponse::NoContent()
        .cookie(state.cookies.forgetting())
        .finish())
}
