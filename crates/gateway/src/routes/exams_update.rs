//! `PATCH /exams/{id}`: what an exam is.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::{
    ClassesChange, CorrectorsChange, IdentityZoneChange, PagesPerCopyChange, UpdateExamRequest,
};
use domain::ExamId;
use serde::Deserialize;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::auth::Credentials;
use crate::body::{Change, given};
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, Json, Version};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::names::Layout;
use crate::view::{Exam, IdentityZone, Versioned as _};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Patch,
    path: "/api/v1/exams/{id}",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[
        Code::Forbidden,
        Code::NotFound,
        Code::StaleVersion,
        Code::VersionRequired,
        Code::WrongState,
    ],
    route: |method| web::method(method).to(handle),
};

/// What becomes of an exam.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct ExamChange {
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    name: Option<String>,
    /// The day it is written on.
    #[serde(default, deserialize_with = "given")]
    #[schema(format = Date, nullable = false)]
    date: Option<String>,
    /// How many pages a copy has; null if not all have as many.
    #[serde(default)]
    #[schema(value_type = Option<u32>)]
    pages_per_copy: Change<u32>,
    #[serde(default, deserialize_with = "given")]
    #[schema(value_type = Layout, required = false)]
    layout: Option<String>,
    /// Null if no part of a page names the pupil.
    #[serde(default)]
    #[schema(value_type = Option<IdentityZone>)]
    identity_zone: Change<IdentityZone>,
    /// Ids of teachers: all of them, also those that stay.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    correctors: Option<Vec<String>>,
    /// What the classes are called that write it: all of them, also those that stay.
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false)]
    classes: Option<Vec<String>>,
}

impl ExamChange {
    fn into_request(self, exam: ExamId, version: i64) -> UpdateExamRequest {
        let pages_per_copy = self.pages_per_copy.into_change(|to| PagesPerCopyChange { to });
        let identity_zone = self.identity_zone.into_change(|to| IdentityZoneChange {
            to: to.map(Into::into),
        });
        UpdateExamRequest {
            id: exam.to_string(),
            if_version: version,
            name: self.name,
            date: self.date,
            pages_per_copy,
            layout: self.layout,
            identity_zone,
            correctors: self.correctors.map(|to| CorrectorsChange { to }),
            classes: self.classes.map(|to| ClassesChange { to }),
        }
    }
}

/// Change an exam
///
/// Only administrators may. What is absent stays as it is. Once there are copies, the identity zone stays: the
/// images that do not show it are made of them when they come.
#[utoipa::path(
    patch,
    path = ENDPOINT.path,
    operation_id = "updateExam",
    tag = "exams",
    params(
        ("id" = String, Path, format = Uuid, description = "The exam."),
        ("If-Match" = String, Header, description = "The version of the exam that the caller has read."),
    ),
    request_body = ExamChange,
    responses((status = 200, description = "The exam as it is now.", body = Exam, headers(
        ("ETag" = String, description = "Its version.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<ExamId>,
    Version(version): Version,
    Json(change): Json<ExamChange>,
) -> Result<HttpResponse, Refused> {
    let message = change.into_request(id, version);
    let update = async |transport, request| grading::exams(transport).update(request).await;
    let exam = state.grading.once(Some(&caller), message, update).await?;
    Ok(Exam::from(exam).ok())
}
