//! `POST /exams/{id}/archive`: having the corrected documents put into one file.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::OrderArchiveRequest;
use domain::ExamId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, IdempotencyKey};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::OrderedArchive;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/exams/{id}/archive",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[
        Code::Forbidden,
        Code::IdempotencyMismatch,
        Code::InProgress,
        Code::MissingIdempotencyKey,
        Code::NotFound,
        Code::WrongState,
    ],
    route: |method| web::method(method).to(handle),
};

/// Order the archive
///
/// Has the corrected documents of the release that pupils see put into one ZIP file, by class and pupil. The job at
/// `Location` tells how it goes, and then the file is at `archive.zip` for a while. Where there is one already, or one is
/// on its way, that one is the answer. `wrong_state` while nothing is released.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "orderArchive",
    tag = "results",
    params(
        ("id" = String, Path, format = Uuid, description = "The exam."),
        ("Idempotency-Key" = String, Header, min_length = 1, max_length = 128, pattern = "^[!-~]+$",
            description = "The caller's own name of this order. Repeated, it gets the same answer."),
    ),
    responses((status = 202, description = "The archive is ordered, or was.", body = OrderedArchive, headers(
        ("Location" = String, description = "The job."),
        ("Retry-After" = u32, description = "After how many seconds it makes sense to look at the job.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    IdempotencyKey(idempotency_key): IdempotencyKey,
    Id(id): Id<ExamId>,
) -> Result<HttpResponse, Refused> {
    let message = OrderArchiveRequest {
        exam_id: id.to_string(),
        idempotency_key,
    };
    // The key makes it safe to repeat.
    let order = async |transport, request| grading::results(transport).order_archive(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, order).await?;
    Ok(OrderedArchive::from(reply).accepted())
}
