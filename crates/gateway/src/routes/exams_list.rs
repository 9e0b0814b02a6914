//! `GET /exams`: the exams that the caller sees.

use actix_web::{HttpRequest, HttpResponse, web};
use contracts::Code;
use contracts::grading::ListExamsRequest;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::PageRequest;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::{Exam, List};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/exams",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Invalid],
    route: |method| web::method(method).to(handle),
};

/// List exams
///
/// Administrators see all, teachers those that they correct.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "listExams",
    tag = "exams",
    params(PageRequest),
    responses((status = 200, description = "A page of exams.", body = List<Exam>, headers(
        ("Link" = String, description = "The next page, as `rel=\"next\"`; absent on the last.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    request: HttpRequest,
    state: web::Data<State>,
    page: PageRequest,
) -> Result<HttpResponse, Refused> {
    let message = ListExamsRequest {
        cursor: page.cursor.clone(),
        limit: page.limit,
    };
    let list = async |transport, request| grading::exams(transport).list(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, list).await?;
    let exams: Vec<Exam> = reply.exams.into_iter().map(Into::into).collect();
    Ok(List::new(exams, reply.next_cursor).answer(&request, &page, &[]))
}
