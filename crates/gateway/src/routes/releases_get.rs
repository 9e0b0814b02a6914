//! `GET /exams/{id}/releases/{number}`: a release, and in what it differs from the one before.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::GetReleaseRequest;
use domain::ExamId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, Number};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::ReleaseWithChanges;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/exams/{id}/releases/{number}",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Get a release
///
/// With the copies whose score differs from what the release before said, those that came and those that went. Only
/// administrators may.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getRelease",
    tag = "results",
    params(
        ("id" = String, Path, format = Uuid, description = "The exam."),
        ("number" = u32, Path, minimum = 1, description = "Which of its releases."),
    ),
    responses((status = 200, description = "The release.", body = ReleaseWithChanges))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<ExamId>,
    Number(number): Number,
) -> Result<HttpResponse, Refused> {
    let message = GetReleaseRequest {
        exam_id: id.to_string(),
        number,
    };
    let get = async |transport, request| grading::results(transport).get_release(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, get).await?;
    Ok(HttpResponse::Ok().json(ReleaseWithChanges::from(reply)))
}
