//! `POST /jobs/{id}/cancel`: calling a job off.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::CancelJobRequest;
use domain::JobId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::Job;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/jobs/{id}/cancel",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::NotFound, Code::WrongState],
    route: |method| web::method(method).to(handle),
};

/// Cancel a job
///
/// What it was for counts as failed: an import can be retried or the copy discarded, a finalization can be asked for
/// again, a scan uploaded again. A worker that has the job drops the work at its next sign of life.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "cancelJob",
    tag = "jobs",
    params(("id" = String, Path, format = Uuid, description = "The job.")),
    responses((status = 202, description = "The job, CANCELLED.", body = Job))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<JobId>,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_job(id);
    let message = CancelJobRequest { id: id.to_string() };
    let cancel = async |transport, request| grading::jobs(transport).cancel(request).await;
    let job = state.grading.once(Some(&caller), message, cancel).await?;
    Ok(HttpResponse::Accepted().json(Job::from(job)))
}
