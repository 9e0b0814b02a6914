//! `GET /audit/checkpoints`: what vouches for the audit trail.

use actix_web::{HttpRequest, HttpResponse, web};
use contracts::Code;
use contracts::grading::ListCheckpointsRequest;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::PageRequest;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::{Checkpoint, List};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/audit/checkpoints",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::Invalid, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// List the checkpoints
///
/// The signed notes about the tree of all events, the last first. They are kept outside of the database; where none are
/// kept there is nothing to be found. Only administrators may.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "listCheckpoints",
    tag = "audit",
    params(PageRequest),
    responses((status = 200, description = "A page of checkpoints.", body = List<Checkpoint>, headers(
        ("Link" = String, description = "The next page, as `rel=\"next\"`; absent on the last.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    request: HttpRequest,
    state: web::Data<State>,
    page: PageRequest,
) -> Result<HttpResponse, Refused> {
    let message = ListCheckpointsRequest {
        cursor: page.cursor.clone(),
        limit: page.limit,
    };
    let list = async |transport, request| grading::audit(transport).list_checkpoints(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, list).await?;
    let checkpoint = |listed| Checkpoint::new(listed, &reply.key);
    let checkpoints: Vec<_> = reply.checkpoints.into_iter().map(checkpoint).collect();
    Ok(List::new(checkpoints, reply.next_cursor).answer(&request, &page, &[]))
}
