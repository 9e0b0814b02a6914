//! `GET /copies/{id}/final.pdf`: the corrected document.

use actix_web::http::header::DispositionType;
use actix_web::{HttpRequest, HttpResponse, web};
use contracts::grading::ExportCopyRequest;
use contracts::{Code, FieldCode, Fields};
use domain::{CopyId, Digest};
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::download;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, Query, checked};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::names::Binary;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/copies/{id}/final.pdf",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Pdf,
    problems: &[
        Code::Forbidden,
        Code::Invalid,
        Code::NotFound,
        Code::NotGraded,
        Code::RangeNotSatisfiable,
    ],
    route: |method| web::method(method).to(handle),
};

/// Get the corrected document
///
/// That the caller got it is recorded before the first byte leaves, each time that it is asked for. One range is
/// answered as such; several are answered with the whole.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getCorrectedDocument",
    tag = "correcting",
    params(
        ("id" = String, Path, format = Uuid, description = "The copy."),
        ("download" = Option<u8>, Query, minimum = 0, maximum = 1, description = "1 to save it as a file instead of showing it."),
        ("Range" = Option<String>, Header, description = "The part that is wanted, as `bytes=0-1023`."),
        ("If-Range" = Option<String>, Header, description = "The tag of the file that the part must be of; else the whole comes."),
        ("If-None-Match" = Option<String>, Header, description = "The tag that the caller has already."),
    ),
    responses(
        (status = 200, description = "The document.", content((Binary = "application/pdf")), headers(
            ("Accept-Ranges" = String, description = "`bytes`."),
            ("Content-Disposition" = String, description = "`inline` or `attachment`, with the anonymous id as its name."),
            ("ETag" = String, description = "Its digest.")
        )),
        (status = 206, description = "The part of the document.", content((Binary = "application/pdf")), headers(
            ("Accept-Ranges" = String, description = "`bytes`."),
            ("Content-Disposition" = String, description = "`inline` or `attachment`, with the anonymous id as its name."),
            ("Content-Range" = String, description = "Which part it is, and how large the whole is."),
            ("ETag" = String, description = "The digest of the whole.")
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
    Id(id): Id<CopyId>,
    query: Query,
) -> Result<HttpResponse, Refused> {
    telemetry::context::set_copy(id);
    let shown = shown(&query)?;
    let message = ExportCopyRequest { id: id.to_string() };
    // What is recorded of it must be one disclosure, not two.
    let export = async |transport, request| grading::copies(transport).export(request).await;
    let reply = state.grading.once(Some(&caller), message, export).await?;
    let digest: Digest = reply.digest.parse().map_err(|_not_a_digest| Code::Internal)?;
    let mut answer = download::answer(&request, &state.blobs, digest, Some(id), "application/pdf").await?;
    download::disclosed(&mut answer, shown, format!("{}.pdf", reply.anonymous_id))?;
    Ok(answer)
}

fn shown(query: &Query) -> Result<DispositionType, Refused> {
    let mut fields = Fields::default();
    let shown = match query.text(&mut fields, "/download").as_str() {
        "" | "0" => Some(DispositionType::Inline),
        "1" => Some(DispositionType::Attachment),
        _ => fields.check("/download", None, FieldCode::OutOfRange),
    };
    checked(fields)?;
    shown.ok_or_else(|| Code::Internal.into())
}
