//! `DELETE /copies/{id}/identity`: taking back whose copy it is.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::ClearIdentityRequest;
use domain::CopyId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::{Copy, Versioned as _};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Delete,
    path: "/api/v1/copies/{id}/identity",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NoPages, Code::NotFound, Code::WrongState],
    route: |method| web::method(method).to(handle),
};

/// Take an identification back
///
/// The copy is nobody's again, also one that is graded. Not while the results of the exam are released. Only administrators
/// may.
#[utoipa::path(
    delete,
    path = ENDPOINT.path,
    operation_id = "unidentifyCopy",
    tag = "identification",
    params(("id" = String, Path, format = Uuid, description = "The copy.")),
    responses((status = 200, description = "The copy.", body = Copy, headers(
        ("ETag" = String, description = "Its version.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let message = ClearIdentityRequest {
        copy_id: id.to_string(),
    };
    let clear = async |transport, request| grading::identities(transport).clear(request).await;
    let copy = state.grading.once(Some(&caller), message, clear).await?;
    Ok(Copy::from(copy).ok())
}
