//! `DELETE /session`: logging out.

use actix_web::{HttpResponse, web};
use contracts::grading::CloseSessionRequest;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Delete,
    path: "/api/v1/session",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Nothing,
    problems: &[],
    route: |method| web::method(method).to(handle),
};

/// Log out
///
/// The session is dead at once, everywhere.
#[utoipa::path(
    delete,
    path = ENDPOINT.path,
    operation_id = "closeSession",
    tag = "session",
    responses((status = 204, description = "Logged out.", headers(
        ("Set-Cookie" = String, description = "Makes the browser forget the session cookie.")
    )))
)]
pub(crate) async fn handle(caller: Credentials, state: web::Data<State>) -> Result<HttpResponse, Refused> {
    let close = async |transport, request| grading::sessions(transport).close(request).await;
    state
        .grading
        .once(Some(&caller), CloseSessionRequest {}, close)
        .await?;
    Ok(HttpResponse::NoContent()
        .cookie(state.cookies.forgetting())
        .finish())
}
