//! `GET /exams/{id}/identification`: the copies that nobody is known to have written.

use actix_web::{HttpRequest, HttpResponse, web};
use contracts::Code;
use contracts::grading::QueueIdentitiesRequest;
use domain::ExamId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, PageRequest};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::{Copy, List};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/exams/{id}/identification",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::Invalid, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// List copies without a pupil
///
/// Those that have pages, in the order of the scans. Only administrators may.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "listUnidentifiedCopies",
    tag = "identification",
    params(
        ("id" = String, Path, format = Uuid, description = "The exam."),
        PageRequest,
    ),
    responses((status = 200, description = "A page of copies.", body = List<Copy>, headers(
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
    let message = QueueIdentitiesRequest {
        exam_id: id.to_string(),
        cursor: page.cursor.clone(),
        limit: page.limit,
    };
    let queue = async |transport, request| grading::identities(transport).queue(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, queue).await?;
    let copies: Vec<Copy> = reply.copies.into_iter().map(Copy::listed).collect();
    Ok(List::new(copies, reply.next_cursor).answer(&request, &page, &[]))
}
