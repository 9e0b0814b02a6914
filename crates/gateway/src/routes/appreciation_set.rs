//! `PUT /copies/{id}/appreciation`: the words about a copy as a whole.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::SetAppreciationRequest;
use domain::CopyId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::body::Text;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, Json, LockToken};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::Appreciation;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Put,
    path: "/api/v1/copies/{id}/appreciation",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[
        Code::AlreadyLocked,
        Code::Expired,
        Code::Forbidden,
        Code::LockRequired,
        Code::NotFound,
        Code::TokenMismatch,
        Code::WrongState,
    ],
    route: |method| web::method(method).to(handle),
};

/// Appreciate a copy
#[utoipa::path(
    put,
    path = ENDPOINT.path,
    operation_id = "setAppreciation",
    tag = "correcting",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
        ("X-Lock-Token" = String, Header, description = "The token of the caller's lock of the copy."),
    ),
    request_body = Text,
    responses((status = 200, description = "The appreciation as it is now.", body = Appreciation))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
    LockToken(lock_token): LockToken,
    Json(text): Json<Text>,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let message = SetAppreciationRequest {
        copy_id: id.to_string(),
        lock_token,
        text: text.into_words()?,
    };
    let set = async |transport, request| grading::marks(transport).set_appreciation(request).await;
    let appreciation = state.grading.once(Some(&caller), message, set).await?;
    Ok(HttpResponse::Ok().json(Appreciation::from(appreciation)))
}
