//! `GET /exams/{id}`: one exam.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::GetExamRequest;
use domain::ExamId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::{Exam, Versioned as _};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/exams/{id}",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Get an exam
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getExam",
    tag = "exams",
    params(("id" = String, Path, format = Uuid, description = "The exam.")),
    responses((status = 200, description = "The exam.", body = Exam, headers(
        ("ETag" = String, description = "Its version.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<ExamId>,
) -> Result<HttpResponse, Refused> {
    let get = async |transport, request| grading::exams(transport).get(request).await;
    let exam = state
        .grading
        .repeatable(Some(&caller), GetExamRequest { id: id.to_string() }, get)
        .await?;
    Ok(Exam::from(exam).ok())
}
