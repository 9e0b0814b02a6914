//! `POST /exams/{id}/dispatch`: sharing copies out among the correctors.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::DispatchRequest;
use domain::ExamId;
use serde::Deserialize;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, MaybeJson};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::Dispatched;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/exams/{id}/dispatch",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NotFound, Code::WrongState],
    route: |method| web::method(method).to(handle),
};

/// Who is to be left out.
#[derive(Default, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Absences {
    /// Ids of correctors who are given nothing, and whose copies go to the others unless they were begun.
    absent: Vec<String>,
}

/// Dispatch copies
///
/// Shares the copies that are READY and nobody's among the correctors of the exam, so that what they have in all differs by one
/// at most, as far as what they had before allows. A copy that somebody corrects at the moment goes to them. From then on each
/// corrector sees their own copies only. To ask again shares out what has become READY since. A body is not needed.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "dispatchCopies",
    tag = "exams",
    params(
        ("id" = String, Path, format = Uuid, description = "The exam."),
    ),
    request_body = Option<Absences>,
    responses((status = 200, description = "Who was given how many.", body = Dispatched))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<ExamId>,
    MaybeJson(absences): MaybeJson<Absences>,
) -> Result<HttpResponse, Refused> {
    let message = DispatchRequest {
        exam_id: id.to_string(),
        absent: absences.absent,
    };
    let dispatch = async |transport, request| grading::exams(transport).dispatch(request).await;
    let reply = state
        .grading
        .in_bulk()
        .once(Some(&caller), message, dispatch)
        .await?;
    Ok(HttpResponse::Ok().json(Dispatched::from(reply)))
}
