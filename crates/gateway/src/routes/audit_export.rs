//! `GET /audit/export`: the whole audit trail, as it is verified without us.

use actix_web::http::header::{self, DispositionType};
use actix_web::{HttpResponse, web};
use contracts::grading::{ExportAuditRequest, ExportedAudit};
use contracts::{Code, Problem};
use futures::StreamExt as _;
use telemetry::http::Method;
use tonic::Status;

use crate::auth::Credentials;
use crate::download;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::grading::{self, Grading, harmless};
use crate::problem::Refused;
use crate::state::State;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/audit/export",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Lines,
    problems: &[Code::Forbidden, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// Export the audit trail
///
/// One JSON object per line: a header, every event that the last checkpoint vouches for, that checkpoint, and the
/// public key. That it was handed out is recorded in the trail of every copy before the first byte. An answer without
/// the last line was broken off. Only administrators may.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "exportAudit",
    tag = "audit",
    responses((status = 200, description = "The export.", body = String, content_type = "application/x-ndjson", headers(
        ("Content-Disposition" = String, description = "`attachment`, with `audit.ndjson` as its name.")
    )))
)]
pub(crate) async fn handle(caller: Credentials, state: web::Data<State>) -> Result<HttpResponse, Refused> {
    let admitted = state.admission.stream()?;
    let request = Grading::request(Some(&caller), ExportAuditRequest {});
    let reply = grading::audit(state.grading.transport()).export(request).await;
    let parts = reply.map_err(|status| harmless(&status))?.into_inner();
    let lines = parts.map(move |part: Result<ExportedAudit, Status>| {
        let _until_the_end = &admitted;
        match part {
            Ok(part) => Ok(web::Bytes::from(part.lines)),
            Err(status) => Err(Broken(harmless(&status))),
        }
    });
    let mut answer = HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/x-ndjson"))
        .streaming(lines);
    download::disclosed(
        &mut answer,
        DispositionType::Attachment,
        "audit.ndjson".to_owned(),
    )?;
    Ok(answer)
}

/// The rest does not come. The answer has begun, so that it is cut off.
#[derive(Debug, thiserror::Error)]
#[error("the export was broken off")]
struct Broken(#[source] Problem);
