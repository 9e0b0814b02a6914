//! `GET /exams/{id}/archive.zip`: the corrected documents of the release in one file.

use actix_web::http::header::DispositionType;
use actix_web::{HttpRequest, HttpResponse, web};
use contracts::Code;
use contracts::grading::ExportArchiveRequest;
use domain::{Digest, ExamId};
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::download;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::names::Binary;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/exams/{id}/archive.zip",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Zip,
    problems: &[Code::Forbidden, Code::NotFound, Code::WrongState],
    route: |method| web::method(method).to(handle),
};

/// Get the archive's file
///
/// A ZIP file with the corrected document of each copy of the release, as
/// `class/SURNAME Given names-anonymous id.pdf`. That the caller got it is recorded on each of the copies before the first
/// byte leaves, each time that it is asked for. It comes whole, whatever range is asked for.
/// `not_found` if no archive is there, `wrong_state` if it is not made yet.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getArchiveFile",
    tag = "results",
    params(
        ("id" = String, Path, format = Uuid, description = "The exam."),
        ("If-None-Match" = Option<String>, Header, description = "The tag that the caller has already."),
    ),
    responses(
        (status = 200, description = "The file.", content((Binary = "application/zip")), headers(
            ("Content-Disposition" = String, description = "`attachment`, with a name that has the number of the release."),
            ("ETag" = String, description = "Its digest.")
        )),
        (status = 304, description = "The caller has it already.", headers(
            ("ETag" = String, description = "Its digest.")
        )),
    )
)]
pub(crate) async fn handle(
    caller: Credentials,
    request: HttpRequest,
    state: web::Data<State>,
    Id(id): Id<ExamId>,
) -> Result<HttpResponse, Refused> {
    let message = ExportArchiveRequest {
        exam_id: id.to_string(),
    };
    // What is recorded of it must be one disclosure, not two.
    let export = async |transport, request| grading::results(transport).export_archive(request).await;
    let reply = state
        .grading
        .in_bulk()
        .once(Some(&caller), message, export)
        .await?;
    let digest: Digest = reply.digest.parse().map_err(|_not_a_digest| Code::Internal)?;
    let mut answer = download::whole(&request, &state.blobs, digest, "application/zip").await?;
    let name = format!("corrected-{id}-{}.zip", reply.number);
    download::disclosed(&mut answer, DispositionType::Attachment, name)?;
    Ok(answer)
}
