//! `GET /students`: the pupils, and searching them.

use actix_web::{HttpRequest, HttpResponse, web};
use contracts::grading::ListStudentsRequest;
use contracts::{Code, Fields};
use telemetry::http::Method;

use crate::auth::Credentials;
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{PageRequest, Query, checked};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::{List, Student};

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Get,
    path: "/api/v1/students",
    who: Who::LoggedIn,
    takes: Takes::Nothing,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::Invalid],
    route: |method| web::method(method).to(handle),
};

/// List pupils
///
/// In the order of their names. Only administrators may.
#[utoipa::path(
    get,
    path = ENDPOINT.path,
    operation_id = "listStudents",
    tag = "students",
    params(
        ("search" = Option<String>, Query, max_length = 200, description = "Only those of whom each of these words begins a name, the class or the number; accents and case make no difference."),
        ("class" = Option<String>, Query, description = "Only those of the class that is called so."),
        PageRequest,
    ),
    responses((status = 200, description = "A page of pupils.", body = List<Student>, headers(
        ("Link" = String, description = "The next page, as `rel=\"next\"`; absent on the last.")
    )))
)]
pub(crate) async fn handle(
    caller: Credentials,
    request: HttpRequest,
    state: web::Data<State>,
    query: Query,
) -> Result<HttpResponse, Refused> {
    let mut fields = Fields::default();
    let page = PageRequest::of(&query, &mut fields);
    let search = query.text(&mut fields, "/search");
    let class = query.text(&mut fields, "/class");
    checked(fields)?;
    let message = ListStudentsRequest {
        search: search.clone(),
        class: class.clone(),
        cursor: page.cursor.clone(),
        limit: page.limit,
    };
    let list = async |transport, request| grading::students(transport).list(request).await;
    let reply = state.grading.repeatable(Some(&caller), message, list).await?;
    let students: Vec<Student> = reply.students.into_iter().map(Into::into).collect();
    let filters = [("search", search.as_str()), ("class", class.as_str())];
    Ok(List::new(students, reply.next_cursor).answer(&request, &page, &filters))
}
