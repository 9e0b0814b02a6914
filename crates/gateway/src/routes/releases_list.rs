//! `GET /exams/{id}/releases`: all releases of an exam.

use actix_web::{HttpRequest, HttpResponse, web};
use contracts::Code;
use contracts::grading::ListReleasesRequest;
use domain::ExamId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, PageRequest};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::{List, Release};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/exams/{id}/releases",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::Invalid, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// List releases
///
/// The first first, withdrawn ones too. Only administrators may.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "listReleases",
    tag = "results",
    params(
        ("id" = String, Path, format = Uuid, description = "The exam."),
        PageRequest,
    ),
    responses((status = 200, description = "A page of releases.", body = List<Release>, headers(
        ("Link" = String, description = "The next page, as `rel=\"next\"`; absent on the last.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    request: HttpRequest,
    state: web::Data<State>,
    Id(id): Id<ExamId>,
    page: PageRequest,
) -> Result<HttpResponse, Refused> {
    let message = ListReleasesRequest {
        exam_id: id.to_string(),
        cursor: page.cursor.clone(),
        limit: page.limit,
    };
    let list = async |transport, request| grading::results(transport).list_releases(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, list).await?;
    let releases: Vec<Release> = reply.releases.into_iter().map(Into::into).collect();
    Ok(List::new(releases, reply.next_cursor).answer(&request, &page, &[]))
}
