//! `POST /exams/{id}/release`: showing pupils their results.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::ReleaseRequest;
use domain::ExamId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, MaybeIdempotencyKey};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::NewRelease;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/exams/{id}/release",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[
        Code::Forbidden,
        Code::IdempotencyMismatch,
        Code::InProgress,
        Code::MissingIdempotencyKey,
        Code::NotFound,
        Code::NotGraded,
        Code::WrongState,
    ],
    route: |method| web::method(method).to(handle),
};

/// Release the results
///
/// Publishes what the graded copies of the exam have at this moment, as its next release. Pupils see their own from now
/// on, and it stays as it is: to change a score, withdraw the results first. `not_graded` if no copy is graded,
/// `wrong_state` if the results are released already.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "releaseResults",
    tag = "results",
    params(
        ("id" = String, Path, format = Uuid, description = "The exam."),
        ("Idempotency-Key" = Option<String>, Header, min_length = 1, max_length = 128, pattern = "^[!-~]+$",
            description = "The caller's own name of this release. Repeated, it gets the same answer; without one, the \
                second is refused: the results are released."),
    ),
    responses((status = 201, description = "What was released, and what was not.", body = NewRelease, headers(
        ("Location" = String, description = "The release.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    MaybeIdempotencyKey(key): MaybeIdempotencyKey,
    Id(id): Id<ExamId>,
) -> Result<HttpResponse, Refused> {
    let is_keyed = key.is_some();
    let message = ReleaseRequest {
        exam_id: id.to_string(),
        idempotency_key: key.unwrap_or_default(),
    };
    let release = async |transport, request| grading::results(transport).release(request).await;
    let grading = state.grading.in_bulk();
    // A key makes it safe to repeat.
    let reply = if is_keyed {
        grading.repeatable(Some(&caller), message, release).await?
    } else {
        grading.once(Some(&caller), message, release).await?
    };
    let location = format!("/api/v1/exams/{id}/releases/{}", reply.number);
    Ok(HttpResponse::Created()
        .insert_header((header::LOCATION, location))
        .json(NewRelease::from(reply)))
}
