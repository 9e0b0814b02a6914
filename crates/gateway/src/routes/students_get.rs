//! `GET /students/{id}`: a pupil.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::GetStudentRequest;
use domain::StudentId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::Student;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/students/{id}",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Get a pupil
///
/// Only administrators may.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getStudent",
    tag = "students",
    params(("id" = String, Path, format = Uuid, description = "The pupil.")),
    responses((status = 200, description = "The pupil.", body = Student))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<StudentId>,
) -> Result<HttpResponse, Refused> {
    let get = async |transport, request| grading::students(transport).get(request).await;
    let message = GetStudentRequest { id: id.to_string() };
    let student = state.grading.repeatable(Some(&caller), message, get).await?;
    Ok(HttpResponse::Ok().json(Student::from(student)))
}
