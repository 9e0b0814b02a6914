//! `POST /copies/{id}/identity/suggestions`: having a machine read who wrote a copy.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::OrderReadingRequest;
use domain::{CopyId, JobKind};
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::Started;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/copies/{id}/identity/suggestions",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NoPages, Code::NotFound, Code::WrongState],
    route: |method| web::method(method).to(handle),
};

/// Have a copy read
///
/// A machine reads the identity zone of the first page; suggestions of whose copy it is are made of that. While a job does it, that
/// job is the answer. It ends with `ocr_unavailable` where the worker has no program that reads: copies are identified by hand all
/// the same. Only administrators may.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "orderSuggestions",
    tag = "identification",
    params(("id" = String, Path, format = Uuid, description = "The copy.")),
    responses((status = 202, description = "It will be read.", body = Started, headers(
        ("Location" = String, description = "The job."),
        ("Retry-After" = u32, description = "After how many seconds it makes sense to look at the job.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let message = OrderReadingRequest {
        copy_id: id.to_string(),
    };
    // Asked twice, it is one job.
    let order = async |transport, request| grading::identities(transport).order_reading(request).await;
    let started = state.grading.repeatable(Some(&caller), message, order).await?;
    Ok(Started::new(started, JobKind::ReadIdentity, id).accepted())
}
