//! `GET /copies`: copies by exam, status and corrector.

use actix_web::{HttpRequest, HttpResponse, web};
use contracts::grading::ListCopiesRequest;
use contracts::{Code, FieldCode, Fields};
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{PageRequest, Query, checked};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::names::CopyStatus;
use crate::view::{Copy, List};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/copies",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Invalid],
    route: |method| web::method(method).to(handle),
};

/// List copies
///
/// Oldest first. Their pages are not in the list.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "listCopies",
    tag = "copies",
    params(
        ("exam_id" = Option<String>, Query, format = Uuid, description = "Only those of this exam."),
        ("status" = Option<CopyStatus>, Query, description = "Only those in this state."),
        ("assigned_to" = Option<String>, Query, pattern = "^me$", description = "Only those that the caller is to correct."),
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
    query: Query,
) -> Result<HttpResponse, Refused> {
    let mut fields = Fields::default();
    let page = PageRequest::of(&query, &mut fields);
    let exam_id = query.text(&mut fields, "/exam_id");
    let status = query.text(&mut fields, "/status");
    let assigned_to = query.text(&mut fields, "/assigned_to");
    let known = ["", "me"].contains(&assigned_to.as_str());
    fields.check("/assigned_to", known.then_some(()), FieldCode::OutOfRange);
    checked(fields)?;
    let message = ListCopiesRequest {
        exam_id: exam_id.clone(),
        status: status.clone(),
        cursor: page.cursor.clone(),
        limit: page.limit,
        assigned_to_me: !assigned_to.is_empty(),
    };
    let list = async |transport, request| grading::copies(transport).list(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, list).await?;
    let copies: Vec<Copy> = reply.copies.into_iter().map(Copy::listed).collect();
    let filters = [
        ("exam_id", exam_id.as_str()),
        ("status", status.as_str()),
        ("assigned_to", assigned_to.as_str()),
    ];
    Ok(List::new(copies, reply.next_cursor).answer(&request, &page, &filters))
}
