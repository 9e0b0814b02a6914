//! `POST /exams`: a new exam.

use actix_web::http::header;
use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::CreateExamRequest;
use serde::Deserialize;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Json;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::names::Layout;
use crate::view::{Exam, IdentityZone, Versioned as _};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/exams",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[Code::Forbidden],
    route: |method| web::method(method).to(handle),
};

/// What an exam is made of. What is missing is refused by name.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewExam {
    #[serde(default)]
    #[schema(required = true)]
    name: String,
    /// The day it is written on.
    #[serde(default)]
    #[schema(required = true, format = Date)]
    date: String,
    /// How many pages a copy has, if all have as many.
    pages_per_copy: Option<u32>,
    /// `A4` if it is not given.
    #[serde(default)]
    #[schema(value_type = Layout)]
    layout: String,
    identity_zone: Option<IdentityZone>,
    /// Ids of teachers.
    #[serde(default)]
    correctors: Vec<String>,
    /// What the classes are called that write it; none for everybody.
    #[serde(default)]
    classes: Vec<String>,
}

impl From<NewExam> for CreateExamRequest {
    fn from(exam: NewExam) -> Self {
        Self {
            name: exam.name,
            date: exam.date,
            pages_per_copy: exam.pages_per_copy,
            layout: exam.layout,
            identity_zone: exam.identity_zone.map(Into::into),
            correctors: exam.correctors,
            classes: exam.classes,
        }
    }
}

/// Make an exam
///
/// Only administrators may.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "createExam",
    tag = "exams",
    request_body = NewExam,
    responses((status = 201, description = "The new exam.", body = Exam, headers(
        ("ETag" = String, description = "Its version."),
        ("Location" = String, description = "Where it is.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Json(exam): Json<NewExam>,
) -> Result<HttpResponse, Refused> {
    let create = async |transport, request| grading::exams(transport).create(request).await;
    let created = state.grading.once(Some(&caller), exam.into(), create).await?;
    let location = format!("/api/v1/exams/{}", created.id);
    let mut answer = HttpResponse::Created();
    answer.insert_header((header::LOCATION, location));
    Ok(Exam::from(created).in_answer(answer))
}
