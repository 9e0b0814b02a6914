//! `GET /audit/events`: the audit trail of everything.

use actix_web::{HttpRequest, HttpResponse, web};
use contracts::grading::ListAuditEventsRequest;
use contracts::{Code, Fields};
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{PageRequest, Query, checked};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::names::Action;
use crate::view::{AuditEvent, List};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/audit/events",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::Invalid],
    route: |method| web::method(method).to(handle),
};

/// List the events of all copies and people
///
/// In the order of the tree that checkpoints vouch for: what comes later is listed later, and nothing is ever put
/// before it. An event has its place a moment after it happened. Only administrators may.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "listAuditEvents",
    tag = "audit",
    params(
        ("copy_id" = Option<String>, Query, format = Uuid, description = "Only those of this copy, also of one that was put aside or erased."),
        ("user_id" = Option<String>, Query, format = Uuid, description = "Only those of this person's account."),
        ("actor_id" = Option<String>, Query, format = Uuid, description = "Only what this person or service did."),
        ("action" = Option<Action>, Query, description = "Only those in which this happened."),
        PageRequest,
    ),
    responses((status = 200, description = "A page of events.", body = List<AuditEvent>, headers(
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
    let copy_id = query.text(&mut fields, "/copy_id");
    let user_id = query.text(&mut fields, "/user_id");
    let actor_id = query.text(&mut fields, "/actor_id");
    let action = query.text(&mut fields, "/action");
    checked(fields)?;
    let message = ListAuditEventsRequest {
        cursor: page.cursor.clone(),
        limit: page.limit,
        copy_id: copy_id.clone(),
        user_id: user_id.clone(),
        actor_id: actor_id.clone(),
        action: action.clone(),
    };
    let list = async |transport, request| grading::audit(transport).list_events(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, list).await?;
    let events: Result<Vec<AuditEvent>, Code> = reply.events.into_iter().map(AuditEvent::try_from).collect();
    let filters = [
        ("copy_id", copy_id.as_str()),
        ("user_id", user_id.as_str()),
        ("actor_id", actor_id.as_str()),
        ("action", action.as_str()),
    ];
    Ok(List::new(events?, reply.next_cursor).answer(&request, &page, &filters))
}
