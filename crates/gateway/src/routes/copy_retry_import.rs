//! `POST /copies/{id}/retry-import`: making the pages again.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::RetryImportRequest;
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
    path: "/api/v1/copies/{id}/retry-import",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NotFound, Code::WrongState],
    route: |method| web::method(method).to(handle),
};

/// Retry an import
///
/// Makes the pages again after an import that failed. Only administrators may.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "retryImport",
    tag = "copies",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
    ),
    responses((status = 202, description = "The import has been ordered.", body = Started, headers(
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
    let message = RetryImportRequest { id: id.to_string() };
    let retry = async |transport, request| grading::copies(transport).retry_import(request).await;
    let started = state.grading.once(Some(&caller), message, retry).await?;
    Ok(Started::new(started, JobKind::ImportCopy, id).accepted())
}
