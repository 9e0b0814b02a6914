//! `POST /copies/{id}/finalize`: the corrector is done.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::FinalizeCopyRequest;
use domain::{CopyId, JobKind};
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, IdempotencyKey, LockToken};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::Started;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/copies/{id}/finalize",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[
        Code::AlreadyGraded,
        Code::AlreadyLocked,
        Code::Expired,
        Code::Forbidden,
        Code::IdempotencyMismatch,
        Code::InProgress,
        Code::LockRequired,
        Code::MissingIdempotencyKey,
        Code::NotFound,
        Code::ScoreOutOfRange,
        Code::TokenMismatch,
        Code::WrongState,
    ],
    route: |method| web::method(method).to(handle),
};

/// Finalize a copy
///
/// Freezes the score, ends the lock and starts the making of the corrected document. After one that failed it starts
/// again, and needs no lock. The answer shows the job as it was when it was ordered, so that a repeated request gets the
/// same answer.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "finalizeCopy",
    tag = "correcting",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
        ("Idempotency-Key" = String, Header, min_length = 1, max_length = 128, pattern = "^[!-~]+$",
            description = "The caller's own name of this finalization. Repeated with the same body, it gets the same answer."),
        ("X-Lock-Token" = Option<String>, Header, description = "The token of the caller's lock. Not needed from GRADING_FAILED."),
    ),
    responses((status = 202, description = "The corrected document has been ordered.", body = Started, headers(
        ("Location" = String, description = "The job."),
        ("Retry-After" = u32, description = "After how many seconds it makes sense to look at the job.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    IdempotencyKey(idempotency_key): IdempotencyKey,
    Id(id): Id<CopyId>,
    LockToken(lock_token): LockToken,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let message = FinalizeCopyRequest {
        id: id.to_string(),
        lock_token,
        idempotency_key,
    };
    // The key makes it safe to repeat.
    let finalize = async |transport, request| grading::copies(transport).finalize(request).await;
    let started = state.grading.repeatable(Some(&caller), message, finalize).await?;
    Ok(Started::new(started, JobKind::FinalizeCopy, id).accepted())
}
