//! `POST /students/import`: taking in a list of pupils.

use actix_web::{HttpRequest, HttpResponse, web};
use contracts::Code;
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::problem::Refused;
use crate::roster;
use crate::state::State;
use crate::view::ImportedStudents;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Post,
    path: "/api/v1/students/import",
    who: Who::LoggedIn,
    takes: Takes::Csv,
    gives: Gives::Json,
    problems: &[Code::EmptyFile, Code::Forbidden],
    route: |method| web::method(method).to(handle),
};

/// Import pupils
///
/// Takes a list with headings as schools have them, in French or in English: family name and given names (or both in one
/// cell, as `DURAND Zoé`), and perhaps the day of birth, the class and the number. Cells are separated by commas, semicolons
/// or tabs; the text is UTF-8, UTF-16 or Windows-1252.
///
/// A line means the pupil with its number, else the one with its names and day of birth; what it does not say stays. The good
/// lines are stored, all of them or none, and the others are listed with their reasons. The same list again changes nothing.
/// Only administrators may.
#[utoipa::path(
    post,
    path = ENDPOINT.path,
    operation_id = "importStudents",
    tag = "students",
    request_body(content = String, content_type = "text/csv", description = "The list. A heading for the family name or the given names that is missing is named by `/header/surname` or `/header/given_names`."),
    responses((status = 200, description = "What came of it.", body = ImportedStudents))
)]
pub(crate) async fn handle(
    caller: Credentials,
    request: HttpRequest,
    state: web::Data<State>,
    list: web::Payload,
) -> Result<HttpResponse, Refused> {
    let reply = roster::forward(&caller, &request, &state, list).await?;
    Ok(HttpResponse::Ok().json(ImportedStudents::from(reply)))
}
