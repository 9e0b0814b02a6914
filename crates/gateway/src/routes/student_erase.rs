//! `DELETE /students/{id}`: forgetting a pupil.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::ErasePupilRequest;
use domain::StudentId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Delete,
    path: "/api/v1/students/{id}",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Nothing,
    problems: &[Code::Forbidden, Code::NotFound, Code::WrongState],
    route: |method| web::method(method).to(handle),
};

/// Erase a pupil
///
/// Forgets who the pupil is, and with them the pages, documents and words of their copies; their access ends. Scores
/// and audit trails stay, and say nothing of who it was. This cannot be undone. While a corrector or the worker has one
/// of the copies in hand it cannot be. Only administrators may.
#[utoipa::path(
    delete,
    path = ENDPOINT.path,
    operation_id = "eraseStudent",
    tag = "students",
    params(("id" = String, Path, format = Uuid, description = "The pupil.")),
    responses((status = 204, description = "The pupil is forgotten."))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<StudentId>,
) -> Result<HttpResponse, Refused> {
    let erase = async |transport, request| grading::retention(transport).erase_pupil(request).await;
    let message = ErasePupilRequest { id: id.to_string() };
    state.grading.once(Some(&caller), message, erase).await?;
    Ok(HttpResponse::NoContent().finish())
}
