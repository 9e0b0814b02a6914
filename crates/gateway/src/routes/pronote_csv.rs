//! `GET /exams/{id}/pronote.csv`: the released results as Pronote imports them.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::TableFormat;
use domain::ExamId;
use telemetry::http::Method;

use super::results_csv::answer;
use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::Id;
use crate::problem::Refused;
use crate::state::State;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/exams/{id}/pronote.csv",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Csv,
    problems: &[Code::Forbidden, Code::NotFound, Code::TooLarge, Code::WrongState],
    route: |method| web::method(method).to(handle),
};

/// Get the results for Pronote
///
/// The pupils of the release that they see: UTF-8 with a byte order mark, semicolons, CRLF, marks out of 20 with a decimal
/// comma, half of a hundredth rounded up. What a spreadsheet would take for a formula has an apostrophe in front. That
/// the caller got it is recorded on each copy before the first byte leaves. `wrong_state` while nothing is released.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "getPronoteTable",
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
    answer(&caller, &state, id, (TableFormat::Pronote, "pronote")).await
}
