//! `POST /exams/{id}/batches`: uploading a scan of many copies.
//!
//! As with a single copy: who may not is told so before a byte of the file is read, and the blob comes first.

use actix_multipart::Multipart;
use actix_web::{HttpRequest, HttpResponse, web};
use contracts::Code;
use contracts::grading::{AuthorizeBatchRequest, RegisterBatchRequest};
use domain::ExamId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, IdempotencyKey};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::upload::{self, UploadForm};
use crate::view::RegisteredBatch;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/exams/{id}/batches",
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

/// Upload a batch
///
/// Takes one PDF of many copies and takes it apart, as `pages_per_copy` and `layout` of the exam say; without
/// `pages_per_copy`, or if copies would begin in the middle of a sheet, it is refused. A scan has the same bounds as a
/// single copy: so many bytes, so many pages. The job at `Location` tells how it goes. Each copy appears in STAGING with an import
/// job of its own.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "uploadBatch",
    tag = "batches",
    params(
        ("id" = String, Path, format = Uuid, description = "The exam."),
        ("Idempotency-Key" = String, Header, min_length = 1, max_length = 128, pattern = "^[!-~]+$",
            description = "The caller's own name of this upload. Repeated with the same file, it gets the same answer."),
    ),
    request_body(content = UploadForm, content_type = "multipart/form-data"),
    responses((status = 202, description = "The scan is registered, and that it is taken apart has been ordered.", body = RegisteredBatch, headers(
        ("Location" = String, description = "The job."),
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
    let message = AuthorizeBatchRequest {
        exam_id: exam_id.clone(),
    };
    let authorize = async |transport, request| grading::batches(transport).authorize_upload(request).await;
    state
        .grading
        .repeatable(Some(&caller), message, authorize)
        .await?;
    let stored = upload::take(&request, form, &state).await?;
    let message = RegisterBatchRequest {
        exam_id,
        source_digest: stored.digest.to_string(),
        source_bytes: stored.size.bytes(),
        idempotency_key,
    };
    // The key makes it safe to repeat.
    let register = async |transport, request| grading::batches(transport).register(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, register).await?;
    Ok(RegisteredBatch::from(reply).accepted())
}
