//! `POST /exams/{id}/change-sets`: changing the scores of many copies at once.

use actix_web::{HttpResponse, web};
use contracts::grading::AdjustRequest;
use contracts::{Code, Fields, Problem};
use domain::ExamId;
use serde::Deserialize;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::auth::Credentials;
use crate::body::Points;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, IdempotencyKey, Json};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::Adjusted;
use crate::view::names::Reason;

/// The ids of ten thousand copies.
const LARGEST: usize = 512 * 1024;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/exams/{id}/change-sets",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[
        Code::Forbidden,
        Code::IdempotencyMismatch,
        Code::InProgress,
        Code::MissingIdempotencyKey,
        Code::NotFound,
        Code::NotGraded,
        Code::UnknownQuestion,
        Code::WrongState,
    ],
    route: |method| web::method(method).to(handle),
};

/// What is to be changed, and why.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewChangeSet {
    #[serde(default)]
    #[schema(value_type = Reason, required = true)]
    reason_code: String,
    /// Why, in words that the correctors of the exam may read.
    #[schema(max_length = 4000)]
    reason: Option<String>,
    /// What each copy is given, or loses: as much of it as there is room for between nothing and the maximum.
    #[schema(required = true, nullable = false)]
    delta: Option<Points>,
    /// The question that it is about; the whole without it.
    question_id: Option<String>,
    /// The copies; all that are graded without it.
    #[serde(default)]
    copies: Vec<String>,
}

impl NewChangeSet {
    fn into_request(self, exam: ExamId, idempotency_key: String) -> Result<AdjustRequest, Problem> {
        let mut fields = Fields::default();
        // Other text is not even passed on: it would be the caller's own.
        let reason: Option<domain::Reason> = fields.parse("/reason_code", &self.reason_code);
        let reason = reason.ok_or_else(|| fields.problem())?;
        Ok(AdjustRequest {
            exam_id: exam.to_string(),
            idempotency_key,
            reason_code: reason.to_string(),
            reason: self.reason.unwrap_or_default(),
            question_id: self.question_id.unwrap_or_default(),
            delta: self.delta.map(Into::into).unwrap_or_default(),
            copies: self.copies,
        })
    }
}

/// Change many scores
///
/// Adds the same to many graded copies, or takes it away, beside what their correctors gave, which stays as it is. Their
/// corrected documents are made anew and say so. Only administrators may, and not while the results are released.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "changeScores",
    tag = "results",
    params(
        ("id" = String, Path, format = Uuid, description = "The exam."),
        ("Idempotency-Key" = String, Header, min_length = 1, max_length = 128, pattern = "^[!-~]+$",
            description = "The caller's own name of this change. Repeated with the same body, it gets the same answer."),
    ),
    request_body = NewChangeSet,
    responses((status = 201, description = "What was changed, and what was not.", body = Adjusted))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    IdempotencyKey(idempotency_key): IdempotencyKey,
    Id(id): Id<ExamId>,
    Json(change): Json<NewChangeSet, LARGEST>,
) -> Result<HttpResponse, Refused> {
    let message = change.into_request(id, idempotency_key)?;
    // The key makes it safe to repeat.
    let adjust = async |transport, request| grading::results(transport).adjust(request).await;
    let reply = state
        .grading
        .in_bulk()
        .repeatable(Some(&caller), message, adjust)
        .await?;
    Ok(HttpResponse::Created().json(Adjusted::from(reply)))
}
