//! `POST /exams/{id}/copies`: uploading a scanned copy.
//!
//! Who may not upload is told so before a byte of the file is read. The blob comes first and the copy
//! second: a crash in between leaves a blob that nobody refers to, and the sweeper removes it.

use actix_multipart::Multipart;
use actix_web::{HttpRequest, HttpResponse, web};
use contracts::Code;
use contracts::grading::{AuthorizeUploadRequest, RegisterCopyRequest};
use domain::ExamId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, IdempotencyKey};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::upload::{self, UploadForm};
use crate::view::Registered;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/exams/{id}/copies",
    who: Who::LoggedIn,
    takes: Takes::Form,
    gives: Gives::Json,
    problems: &[
        Code::DuplicateSource,
        Code::EmptyFile,
        Code::Forbidden,
        Code::IdempotencyMismatch,
        Code::InProgress,
        Code::MissingIdempotencyKey,
        Code::NotAPdf,
        Code::NotFound,
    ],
    route: |method| web::method(method).to(handle),
};

/// Upload a copy
///
/// Takes the PDF of one copy and starts its import; the job at `Location` tells how it goes. The answer
/// shows the job as it was at registration, so that a repeated request gets the same answer.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "uploadCopy",
    tag = "copies",
    params(
        ("id" = String, Path, format = Uuid, description = "The exam."),
        ("Idempotency-Key" = String, Header, min_length = 1, max_length = 128, pattern = "^[!-~]+$",
            description = "The caller's own name of this upload. Repeated with the same file, it gets the same answer."),
    ),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 202, description = "The copy is registered and its import has been ordered.", body = Registered, headers(
        ("Location" = String, description = "The import job."),
        ("Retry-After" = u32, description = "After how many seconds it makes sense to look at the job.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    IdempotencyKey(idempotency_key): IdempotencyKey,
    Id(exam): Id<ExamId>,
    (request, state): (HttpRequest, web::Data<State>),
    form: Multipart,
) -> Result<HttpResponse, Refused> {
    let exam_id = exam.to_string();
    let message = AuthorizeUploadRequest {
        exam_id: exam_id.clone(),
    };
    let authorize = async |transport, request| grading::copies(transport).authorize_upload(request).await;
    state
        .grading
        .repeatable(Some(&caller), message, authorize)
        .await?;
    let stored = upload::take(&request, form, &state).await?;
    let message = RegisterCopyRequest {
        exam_id,
        source_digest: stored.digest.to_string(),
        source_bytes: stored.size.bytes(),
        idempotency_key,
    };
    // The key makes it safe to repeat.
    let register = async |transport, request| grading::copies(transport).register(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, register).await?;
    Ok(Registered::from(reply).accepted())
}
