//! `GET /exams/{id}/statistics`: what its graded copies were given, all together.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::GetStatisticsRequest;
use domain::ExamId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::Statistics;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/exams/{id}/statistics",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Get the statistics of an exam
///
/// Figures of the graded copies, from the first one on: of all, and of the caller's own. Who wrote or corrected what is not in
/// them.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getStatistics",
    tag = "exams",
    params(("id" = String, Path, format = Uuid, description = "The exam.")),
    responses((status = 200, description = "The figures.", body = Statistics))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<ExamId>,
) -> Result<HttpResponse, Refused> {
    let message = GetStatisticsRequest {
        exam_id: id.to_string(),
    };
    let get = async |transport, request| grading::exams(transport).get_statistics(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, get).await?;
    Ok(HttpResponse::Ok().json(Statistics::from(reply)))
}
