//! `GET /exams/{id}/archive`: how far the archive is.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::GetArchiveRequest;
use domain::ExamId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::Archive;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/exams/{id}/archive",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Get the archive
///
/// The archive that was ordered last, with its job. It is gone when the time is over for which it is kept, when the
/// results are withdrawn, and when one of its copies is erased.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getArchive",
    tag = "results",
    params(("id" = String, Path, format = Uuid, description = "The exam.")),
    responses((status = 200, description = "The archive.", body = Archive))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<ExamId>,
) -> Result<HttpResponse, Refused> {
    let message = GetArchiveRequest {
        exam_id: id.to_string(),
    };
    let get = async |transport, request| grading::results(transport).get_archive(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, get).await?;
    Ok(HttpResponse::Ok().json(Archive::from(reply)))
}
