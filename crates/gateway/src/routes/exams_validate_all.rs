//! `POST /exams/{id}/validate-all`: declaring all its copies complete and legible.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::ValidateAllRequest;
use domain::ExamId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::Validated;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/exams/{id}/validate-all",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Validate all copies
///
/// Validates every copy of the exam that is STAGING and has its pages. Those that cannot be validated are listed.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "validateAllCopies",
    tag = "exams",
    params(
        ("id" = String, Path, format = Uuid, description = "The exam."),
    ),
    responses((status = 200, description = "What came of it.", body = Validated))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<ExamId>,
) -> Result<HttpResponse, Refused> {
    let message = ValidateAllRequest {
        exam_id: id.to_string(),
    };
    let validate = async |transport, request| grading::exams(transport).validate_all(request).await;
    let reply = state
        .grading
        .in_bulk()
        .once(Some(&caller), message, validate)
        .await?;
    Ok(HttpResponse::Ok().json(Validated::from(reply)))
}
