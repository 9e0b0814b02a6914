//! `GET /batches/{id}`: one scan of many copies, and where each of its pages went.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::GetBatchRequest;
use domain::BatchId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::BatchWithCopies;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/batches/{id}",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Get a batch
///
/// The scan with the copies that came of it, where each of its pages went, and what people have to look at.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getBatch",
    tag = "batches",
    params(("id" = String, Path, format = Uuid, description = "The batch.")),
    responses((status = 200, description = "The batch.", body = BatchWithCopies))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<BatchId>,
) -> Result<HttpResponse, Refused> {
    let get = async |transport, request| grading::batches(transport).get(request).await;
    let message = GetBatchRequest { id: id.to_string() };
    let batch = state.grading.repeatable(Some(&caller), message, get).await?;
    Ok(HttpResponse::Ok().json(BatchWithCopies::from(batch)))
}
