//! `PUT /copies/{id}/scores/{question_id}`: the points of a question.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::SetScoreRequest;
use domain::CopyId;
use serde::Deserialize;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::auth::Credentials;
use crate::body::{Change, Points};
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, Json, LockToken, Question};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::Marks;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Put,
    path: "/api/v1/copies/{id}/scores/{question_id}",
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
        Code::UnknownQuestion,
        Code::WrongState,
    ],
    route: |method| web::method(method).to(handle),
};

/// The points of a question.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewScore {
    /// From 0 to what the question can bring. Null takes them away.
    #[serde(default)]
    #[schema(value_type = Option<Points>, required = true)]
    points: Change<Points>,
}

/// Score a question
#[utoipa::path(
    put,
    path = ENDPOINT.path,
    operation_id = "setScore",
    tag = "correcting",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
        ("question_id" = String, Path, min_length = 1, max_length = 32, pattern = "^[A-Za-z0-9._-]+$", description = "The question."),
        ("X-Lock-Token" = String, Header, description = "The token of the caller's lock of the copy."),
    ),
    request_body = NewScore,
    responses((status = 200, description = "What the copy was given so far.", body = Marks))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    place: (Id<CopyId>, Question),
    LockToken(lock_token): LockToken,
    Json(score): Json<NewScore>,
) -> Result<HttpResponse, Refused> {
    let (Id(id), Question(question)) = place;
    telemetry::context::set_copy(id);
    let message = SetScoreRequest {
        copy_id: id.to_string(),
        lock_token,
        question_id: question.to_string(),
        points: score.points.into_required_text("/points")?,
    };
    // A question that has these points already is left alone.
    let set = async |transport, request| grading::marks(transport).set_score(request).await;
    let marks = state.grading.repeatable(Some(&caller), message, set).await?;
    Ok(HttpResponse::Ok().json(Marks::from(marks)))
}
