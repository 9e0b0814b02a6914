//! `GET /me/copies/{id}`: a pupil's released result of one copy.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::GetOwnRequest;
use domain::CopyId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::WholeResult;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/me/copies/{id}",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Get one's own result
///
/// The points of the questions, the remarks and the appreciation of a copy that the caller wrote, as they were released.
/// The corrected document is at `/copies/{id}/final.pdf`.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getOwnResult",
    tag = "results",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
    ),
    responses((status = 200, description = "The result.", body = WholeResult))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let message = GetOwnRequest {
        copy_id: id.to_string(),
    };
    let get = async |transport, request| grading::results(transport).get_own(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, get).await?;
    Ok(HttpResponse::Ok().json(WholeResult::from(reply)))
}
