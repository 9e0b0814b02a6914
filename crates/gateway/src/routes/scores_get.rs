//! `GET /copies/{id}/scores`: the points and words of a copy.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::GetMarksRequest;
use domain::CopyId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::Marks;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/copies/{id}/scores",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Get the scores of a copy
///
/// With the remarks, the appreciation and the total.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getScores",
    tag = "correcting",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
    ),
    responses((status = 200, description = "What it was given.", body = Marks))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<CopyId>,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let message = GetMarksRequest {
        copy_id: id.to_string(),
    };
    let get = async |transport, request| grading::marks(transport).get(request).await;
    let marks = state.grading.repeatable(Some(&caller), message, get).await?;
    Ok(HttpResponse::Ok().json(Marks::from(marks)))
}
