//! `GET /exams/{id}/progress`: how far its copies are.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::GetProgressRequest;
use domain::ExamId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::ExamProgress;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/exams/{id}/progress",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Get the progress of an exam
///
/// Copies by state: of the whole exam, and the caller's own. Administrators see each corrector's.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getProgress",
    tag = "exams",
    params(("id" = String, Path, format = Uuid, description = "The exam.")),
    responses((status = 200, description = "How far its copies are.", body = ExamProgress))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<ExamId>,
) -> Result<HttpResponse, Refused> {
    let message = GetProgressRequest {
        exam_id: id.to_string(),
    };
    let get = async |transport, request| grading::exams(transport).get_progress(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, get).await?;
    Ok(HttpResponse::Ok().json(ExamProgress::from(reply)))
}
