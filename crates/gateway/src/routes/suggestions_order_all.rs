//! `POST /exams/{id}/identification/suggestions`: having a machine read who wrote the copies of an exam.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::OrderReadingsRequest;
use domain::ExamId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::OrderedReadings;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/exams/{id}/identification/suggestions",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NotFound, Code::WrongState],
    route: |method| web::method(method).to(handle),
};

/// Have the copies of an exam read
///
/// Each that waits for its pupil and of which nothing was read yet. To ask again orders what is still missing. Only
/// administrators may.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "orderAllSuggestions",
    tag = "identification",
    params(("id" = String, Path, format = Uuid, description = "The exam.")),
    responses((status = 202, description = "How many copies will be read.", body = OrderedReadings))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<ExamId>,
) -> Result<HttpResponse, Refused> {
    let message = OrderReadingsRequest {
        exam_id: id.to_string(),
    };
    let order = async |transport, request| grading::identities(transport).order_readings(request).await;
    let reply = state
        .grading
        .in_bulk()
        .once(Some(&caller), message, order)
        .await?;
    Ok(HttpResponse::Accepted().json(OrderedReadings::from(reply)))
}
