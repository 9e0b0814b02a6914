//! `GET /exams/{id}/change-sets`: what was changed of the scores of an exam, by whom and why.

use actix_web::{HttpRequest, HttpResponse, web};
use contracts::Code;
use contracts::grading::ListChangeSetsRequest;
use domain::ExamId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, PageRequest};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::{ChangeSet, List};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/exams/{id}/change-sets",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::Invalid, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// List changes of scores
///
/// The first first. The correctors of the exam see them too.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "listChangeSets",
    tag = "results",
    params(
        ("id" = String, Path, format = Uuid, description = "The exam."),
        PageRequest,
    ),
    responses((status = 200, description = "A page of them.", body = List<ChangeSet>, headers(
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
    let message = ListChangeSetsRequest {
        exam_id: id.to_string(),
        cursor: page.cursor.clone(),
        limit: page.limit,
    };
    let list = async |transport, request| grading::results(transport).list_change_sets(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, list).await?;
    let sets: Vec<ChangeSet> = reply.change_sets.into_iter().map(Into::into).collect();
    Ok(List::new(sets, reply.next_cursor).answer(&request, &page, &[]))
}
