//! `GET /exams/{id}/batches`: the scans of many copies that an exam got.

use actix_web::{HttpRequest, HttpResponse, web};
use contracts::Code;
use contracts::grading::ListBatchesRequest;
use domain::ExamId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, PageRequest};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::{Batch, List};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/exams/{id}/batches",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::Invalid, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// List batches
///
/// The scans of many copies that the exam got, in the order in which they came.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "listBatches",
    tag = "batches",
    params(
        ("id" = String, Path, format = Uuid, description = "The exam."),
        PageRequest,
    ),
    responses((status = 200, description = "A page of batches.", body = List<Batch>, headers(
        ("Link" = String, description = "The next page, as `rel=\"next\"`; absent on the last.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    request: HttpRequest,
    state: web::Data<State>,
    Id(exam): Id<ExamId>,
    page: PageRequest,
) -> Result<HttpResponse, Refused> {
    let message = ListBatchesRequest {
        exam_id: exam.to_string(),
        cursor: page.cursor.clone(),
        limit: page.limit,
    };
    let list = async |transport, request| grading::batches(transport).list(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, list).await?;
    let batches: Vec<Batch> = reply.batches.into_iter().map(Into::into).collect();
    Ok(List::new(batches, reply.next_cursor).answer(&request, &page, &[]))
}
