//! `GET /jobs/{id}/events`: following a job.

use actix_web::http::header::{self, HeaderName};
use actix_web::{HttpRequest, HttpResponse, web};
use contracts::Code;
use contracts::grading::GetJobRequest;
use domain::JobId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::follow::{Follow, is_final};
use crate::grading;
use crate::problem::Refused;
use crate::sse;
use crate::state::State;

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/jobs/{id}/events",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Events,
    problems: &[Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Follow a job
///
/// Server-sent events: one `job` event with the job as it is now, and one after each change, until its
/// final state. The `id` of an event is the job's revision; sent back in `Last-Event-ID`, it resumes.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "followJob",
    tag = "jobs",
    params(
        ("id" = String, Path, format = Uuid, description = "The job."),
        ("Last-Event-ID" = Option<String>, Header, description = "The revision that was seen last."),
    ),
    responses(
        (status = 200, description = "Events whose `data` is a job. A comment is sent every 15 seconds.",
            body = String, content_type = "text/event-stream"),
        (status = 204, description = "The final state was seen already: nothing more will come."),
    )
)]
pub(crate) async fn handle(
    caller: Credentials,
    request: HttpRequest,
    state: web::Data<State>,
    Id(id): Id<JobId>,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_job(id);
    let admitted = state.admission.stream()?;
    let get = async |transport, request| grading::jobs(transport).get(request).await;
    let job = state
        .grading
        .repeatable(Some(&caller), GetJobRequest { id: id.to_string() }, get)
        .await?;
    let seen = request
        .headers()
        .get(LAST_EVENT_ID)
        .and_then(|value| value.to_str().ok()?.parse().ok());
    if is_final(&job) && seen.is_some_and(|seen: i64| seen >= job.revision) {
        return Ok(HttpResponse::NoContent().finish());
    }
    let follow = Follow::new(state.into_inner(), caller, seen);
    let events = sse::stream(|sender| async move {
        let _until_the_end = admitted;
        follow.run(job, sender).await;
    });
    Ok(HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, sse::MEDIA_TYPE))
        .insert_header((HeaderName::from_static("x-accel-buffering"), "no"))
        .streaming(events))
}
