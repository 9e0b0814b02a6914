//! `GET /me/copies`: a pupil's released results.

use actix_web::{HttpRequest, HttpResponse, web};
use contracts::Code;
use contracts::grading::ListOwnRequest;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::PageRequest;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::{List, OwnResult};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/me/copies",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Invalid],
    route: |method| web::method(method).to(handle),
};

/// List one's own results
///
/// Those of copies that the caller wrote and that are released; whoever wrote none finds none.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "listOwnResults",
    tag = "results",
    params(PageRequest),
    responses((status = 200, description = "A page of results.", body = List<OwnResult>, headers(
        ("Link" = String, description = "The next page, as `rel=\"next\"`; absent on the last.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    request: HttpRequest,
    state: web::Data<State>,
    page: PageRequest,
) -> Result<HttpResponse, Refused> {
    let message = ListOwnRequest {
        cursor: page.cursor.clone(),
        limit: page.limit,
    };
    let list = async |transport, request| grading::results(transport).list_own(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, list).await?;
    let results: Vec<OwnResult> = reply.results.into_iter().map(Into::into).collect();
    Ok(List::new(results, reply.next_cursor).answer(&request, &page, &[]))
}
