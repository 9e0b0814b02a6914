//! `POST /batches/{id}/discard`: putting the copies of a scan aside.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::DiscardBatchRequest;
use domain::BatchId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::body::Reasoned;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, Json};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::DiscardedBatch;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/batches/{id}/discard",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NotFound, Code::WrongState],
    route: |method| web::method(method).to(handle),
};

/// Discard a batch
///
/// Puts every copy of the batch aside that never became READY: the scan was taken apart in the wrong way. When none is
/// left, the same scan may be uploaded again. Copies whose import still runs, or that are READY already, stay and are
/// listed. While the batch is PENDING it cannot be. Only administrators may.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "discardBatch",
    tag = "batches",
    params(
        ("id" = String, Path, format = Uuid, description = "The batch."),
    ),
    request_body = Reasoned,
    responses((status = 200, description = "What came of it.", body = DiscardedBatch))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<BatchId>,
    Json(why): Json<Reasoned>,
) -> Result<HttpResponse, Refused> {
    let message = DiscardBatchRequest {
        id: id.to_string(),
        reason: why.reason()?.to_string(),
    };
    let discard = async |transport, request| grading::batches(transport).discard(request).await;
    let reply = state
        .grading
        .in_bulk()
        .once(Some(&caller), message, discard)
        .await?;
    Ok(HttpResponse::Ok().json(DiscardedBatch::from(reply)))
}
