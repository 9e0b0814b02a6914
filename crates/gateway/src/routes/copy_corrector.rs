//! `PUT /copies/{id}/corrector`: choosing who is to correct a copy.

use actix_web::{HttpResponse, web};
use contracts::grading::SetCorrectorRequest;
use contracts::{Code, FieldCode, Problem};
use domain::CopyId;
use serde::Deserialize;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::auth::Credentials;
use crate::body::Change;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, Json};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::{Copy, Versioned as _};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Put,
    path: "/api/v1/copies/{id}/corrector",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[
        Code::AlreadyGraded,
        Code::AlreadyLocked,
        Code::Forbidden,
        Code::NotFound,
        Code::WrongState,
    ],
    route: |method| web::method(method).to(handle),
};

/// Who is to correct a copy.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choice {
    /// One of the correctors of the exam; null for nobody in particular.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Uuid, required = true)]
    user_id: Change<String>,
}

/// Choose the corrector of a copy
///
/// Not while somebody else has it locked, and not once it is graded. What the corrector before has written stays on it.
#[utoipa::path(
    put,
    path = ENDPOINT.path,
    operation_id = "setCorrector",
    tag = "copies",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
    ),
    request_body = Choice,
    responses((status = 200, description = "The copy with its corrector.", body = Copy, headers(
        ("ETag" = String, description = "Its version.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
    Json(choice): Json<Choice>,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let user_id = match choice.user_id {
        Change::Absent => return Err(Problem::field("/user_id", FieldCode::Required).into()),
        Change::Cleared => None,
        Change::To(user) => Some(user),
    };
    let message = SetCorrectorRequest {
        copy_id: id.to_string(),
        user_id,
    };
    // A copy that is this corrector's already is left alone.
    let set = async |transport, request| grading::copies(transport).set_corrector(request).await;
    let copy = state.grading.repeatable(Some(&caller), message, set).await?;
    Ok(Copy::from(copy).ok())
}
