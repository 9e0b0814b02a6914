//! `PUT /exams/{id}/marking-scheme`: what its copies are scored by.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::{self as pb, SetMarkingSchemeRequest};
use domain::ExamId;
use serde::Deserialize;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::auth::Credentials;
use crate::body::Points;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, Json, Version};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::{Exam, Versioned as _};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Put,
    path: "/api/v1/exams/{id}/marking-scheme",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[
        Code::Forbidden,
        Code::NotFound,
        Code::SchemeInUse,
        Code::StaleVersion,
        Code::VersionRequired,
    ],
    route: |method| web::method(method).to(handle),
};

/// A scheme of 500 questions with long labels has less.
const LARGEST: usize = 512 * 1024;

/// The questions of an exam.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewMarkingScheme {
    #[serde(default)]
    #[schema(required = true, min_items = 1)]
    questions: Vec<NewQuestion>,
}

/// A question, or a group of questions.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct NewQuestion {
    /// By what scores and remarks refer to it. It is there once, and stays when the label changes.
    #[serde(default)]
    #[schema(
        required = true,
        min_length = 1,
        max_length = 32,
        pattern = "^[A-Za-z0-9._-]+$"
    )]
    id: String,
    #[serde(default)]
    #[schema(required = true, min_length = 1, max_length = 200)]
    label: String,
    /// What it brings. Of a group it may be left out: it is what its parts bring together.
    max_points: Option<Points>,
    /// Its parts, if it is a group.
    #[serde(default)]
    #[schema(no_recursion)]
    children: Vec<NewQuestion>,
}

impl From<NewMarkingScheme> for pb::MarkingScheme {
    fn from(scheme: NewMarkingScheme) -> Self {
        Self {
            questions: scheme.questions.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<NewQuestion> for pb::Question {
    fn from(question: NewQuestion) -> Self {
        Self {
            id: question.id,
            label: question.label,
            max_points: question.max_points.map(Into::into).unwrap_or_default(),
            children: question.children.into_iter().map(Into::into).collect(),
        }
    }
}

/// Set the marking scheme
///
/// Only administrators may. It replaces the one before, unless that would leave scores without their question.
#[utoipa::path(
    put,
    path = ENDPOINT.path,
    operation_id = "setMarkingScheme",
    tag = "exams",
    params(
        ("id" = String, Path, format = Uuid, description = "The exam."),
        ("If-Match" = String, Header, description = "The version of the exam that the caller has read."),
    ),
    request_body = NewMarkingScheme,
    responses((status = 200, description = "The exam with its marking scheme.", body = Exam, headers(
        ("ETag" = String, description = "Its version.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<ExamId>,
    Version(version): Version,
    Json(scheme): Json<NewMarkingScheme, LARGEST>,
) -> Result<HttpResponse, Refused> {
    let message = SetMarkingSchemeRequest {
        exam_id: id.to_string(),
        if_version: version,
        scheme: Some(scheme.into()),
    };
    let set = async |transport, request| grading::exams(transport).set_marking_scheme(request).await;
    let exam = state.grading.once(Some(&caller), message, set).await?;
    Ok(Exam::from(exam).ok())
}
