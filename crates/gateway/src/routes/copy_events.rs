//! `GET /copies/{id}/events`: the audit trail of a copy.

use actix_web::{HttpRequest, HttpResponse, web};
use contracts::grading::ListEventsRequest;
use contracts::{Code, Fields};
use domain::CopyId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, PageRequest, Query, checked};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::{Event, List};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/copies/{id}/events",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Invalid, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// List the events of a copy
///
/// Its audit trail, oldest first. Each event's hash covers the one before.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "listCopyEvents",
    tag = "copies",
    params(("id" = String, Path, format = Uuid, description = "The copy."), PageRequest),
    responses((status = 200, description = "A page of events.", body = List<Event>, headers(
        ("Link" = String, description = "The next page, as `rel=\"next\"`; absent on the last.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    request: HttpRequest,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
    query: Query,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let mut fields = Fields::default();
    let page = PageRequest::of(&query, &mut fields);
    checked(fields)?;
    let message = ListEventsRequest {
        copy_id: id.to_string(),
        cursor: page.cursor.clone(),
        limit: page.limit,
    };
    let list = async |transport, request| grading::copies(transport).list_events(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, list).await?;
    let events: Result<Vec<Event>, Code> = reply.events.into_iter().map(Event::try_from).collect();
    Ok(List::new(events?, reply.next_cursor).answer(&request, &page, &[]))
}
