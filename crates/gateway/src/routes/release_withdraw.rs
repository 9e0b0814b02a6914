//! `DELETE /exams/{id}/release`: taking results back.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::WithdrawRequest;
use domain::ExamId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Delete,
    path: "/api/v1/exams/{id}/release",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Nothing,
    problems: &[Code::Forbidden, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Withdraw the results
///
/// No pupil sees them any more. The release is kept, and the next one says in what it differs. Also succeeds when nothing
/// is released.
#[utoipa::path(
    delete,
    path = ENDPOINT.path,
    operation_id = "withdrawResults",
    tag = "results",
    params(
        ("id" = String, Path, format = Uuid, description = "The exam."),
    ),
    responses((status = 204, description = "No result of the exam is released."))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<ExamId>,
) -> Result<HttpResponse, Refused> {
    let message = WithdrawRequest {
        exam_id: id.to_string(),
    };
    // Twice, it could take back what was released in between.
    let withdraw = async |transport, request| grading::results(transport).withdraw(request).await;
    state
        .grading
        .in_bulk()
        .once(Some(&caller), message, withdraw)
        .await?;
    Ok(HttpResponse::NoContent().finish())
}
