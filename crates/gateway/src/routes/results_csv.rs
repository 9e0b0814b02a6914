//! `GET /exams/{id}/results.csv`: the released results as a table.

use actix_web::http::header::{self, DispositionType};
use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::{ExportTableRequest, TableFormat};
use domain::ExamId;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::download;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::grading;
use crate::problem::Refused;
use crate::state::State;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/exams/{id}/results.csv",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Csv,
    problems: &[Code::Forbidden, Code::NotFound, Code::TooLarge, Code::WrongState],
    route: |method| web::method(method).to(handle),
};

/// Get the results as a table
///
/// Every copy of the release that pupils see, with the points of its questions: UTF-8, commas, CRLF, decimal points. What
/// a spreadsheet would take for a formula has an apostrophe in front. That the caller got it is recorded on each copy
/// before the first byte leaves. `wrong_state` while nothing is released.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getResultsTable",
    tag = "results",
    params(
        ("id" = String, Path, format = Uuid, description = "The exam."),
    ),
    responses((status = 200, description = "The table.", content((String = "text/csv")), headers(
        ("Content-Disposition" = String, description = "`attachment`, with a name that has the number of the release.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<ExamId>,
) -> Result<HttpResponse, Refused> {
    answer(&caller, &state, id, (TableFormat::Results, "results")).await
}

/// The table in a format, under a name that begins so.
pub(super) async fn answer(
    caller: &Credentials,
    state: &State,
    exam: ExamId,
    (format, name): (TableFormat, &str),
) -> Result<HttpResponse, Refused> {
    let message = ExportTableRequest {
        exam_id: exam.to_string(),
        format: format.into(),
    };
    // What is recorded of it must be one disclosure, not two.
    let export = async |transport, request| grading::results(transport).export_table(request).await;
    let reply = state
        .grading
        .in_bulk()
        .once(Some(caller), message, export)
        .await?;
    let mut answer = HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "text/csv; charset=utf-8"))
        .body(reply.table);
    let name = format!("{name}-{exam}-{}.csv", reply.number);
    download::disclosed(&mut answer, DispositionType::Attachment, name)?;
    Ok(answer)
}
