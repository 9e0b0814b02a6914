//! `POST /exams/{id}/copies`: uploading a scanned copy.
//!
//! Who may not upload is told so before a byte of the file is read. The blob comes first and the copy
//! second: a crash in between leaves a blob that nobody refers to, and the sweeper removes it.

use actix_multipart::Multipart;
use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};
use blobs::Stored;
use contracts::Code;
use contracts::grading::{AuthorizeUploadRequest, RegisterCopyRequest};
use domain::ExamId;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, IdempotencyKey};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::upload;
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

/// The form of an upload.
#[derive(ToSchema)]
#[expect(dead_code, reason = "only its schema is used: the form is read as a stream")]
pub(crate) struct UploadForm {
    /// The PDF of one copy. Its file name is not kept.
    #[schema(format = Binary, content_media_type = "application/pdf")]
    file: String,
}

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
    IdempotencyKey(key): IdempotencyKey,
    Id(exam): Id<ExamId>,
    (request, state): (HttpRequest, web::Data<State>),
    form: Multipart,
) -> Result<HttpResponse, Refused> {
    let message = AuthorizeUploadRequest {
        exam_id: exam.to_string(),
    };
    let authorize = async |transport, request| grading::copies(transport).authorize_upload(request).await;
    state
        .grading
        .repeatable(Some(&caller), message, authorize)
        .await?;
    check_length(&request, state.uploads.max_bytes())?;
    let stored = {
        let _turn = state.uploads.turn().await?;
        upload::receive(form, &state.blobs, state.uploads.max_bytes(), state.timeouts).await?
    };
    register(&caller, &state, exam, stored, key).await
}

/// Refuses at once what announces itself as too large. What it really is, is counted as it comes.
fn check_length(request: &HttpRequest, max_bytes: u64) -> Result<(), Code> {
    let length = request.headers().get(header::CONTENT_LENGTH);
    let length: Option<u64> = length.and_then(|value| value.to_str().ok()?.parse().ok());
    match length {
        Some(length) if length > max_bytes.saturating_add(upload::OVERHEAD) => Err(Code::TooLarge),
        Some(_) | None => Ok(()),
    }
}

async fn register(
    caller: &Credentials,
    state: &State,
    exam: ExamId,
    stored: Stored,
    idempotency_key: String,
) -> Result<HttpResponse, Refused> {
    let message = RegisterCopyRequest {
        exam_id: exam.to_string(),
        source_digest: stored.digest.to_string(),
        source_bytes: stored.size.bytes(),
        idempotency_key,
    };
    // The key makes it safe to repeat.
    let register = async |transport, request| grading::copies(transport).register(request).await;
    let reply = state.grading.repeatable(Some(caller), message, register).await?;
    Ok(Registered::from(reply).accepted())
}
