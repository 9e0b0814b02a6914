//! `GET /jobs/{id}`: how a job stands.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::GetJobRequest;
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
    method: Method::Get,
    path: "/api/v1/jobs/{id}",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Get a job
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getJob",
    tag = "jobs",
    params(("id" = String, Path, format = Uuid, description = "The job.")),
    responses((status = 200, description = "The job.", body = Job))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<JobId>,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_job(id);
    let get = async |transport, request| grading::jobs(transport).get(request).await;
    let job = state
        .grading
        .repeatable(Some(&caller), GetJobRequest { id: id.to_string() }, get)
        .await?;
    Ok(HttpResponse::Ok().json(Job::from(job)))
}
