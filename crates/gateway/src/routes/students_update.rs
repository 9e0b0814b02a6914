//! `PATCH /students/{id}`: who a pupil is.

use actix_web::{HttpResponse, web};
use contracts::Code;
use contracts::grading::UpdateStudentRequest;
use domain::StudentId;
use serde::Deserialize;
use telemetry::http::Method;
use utoipa::ToSchema;

use crate::auth::Credentials;
use crate::body::{Change, given};
use crate::endpoint::{Endpoint, Gives, Takes, Who};
use crate::extract::{Id, Json};
use crate::grading;
use crate::problem::Refused;
use crate::state::State;
use crate::view::Student;

pub(super) const ENDPOINT: Endpoint = Endpoint {
    method: Method::Patch,
    path: "/api/v1/students/{id}",
    who: Who::LoggedIn,
    takes: Takes::Json,
    gives: Gives::Json,
    problems: &[Code::Forbidden, Code::NotFound],
    route: |method| web::method(method).to(handle),
};

/// What becomes of a pupil.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct StudentChange {
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, max_length = 100)]
    surname: Option<String>,
    #[serde(default, deserialize_with = "given")]
    #[schema(nullable = false, max_length = 100)]
    given_names: Option<String>,
    /// Null if it is not known; so are the class and the number.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    birth_date: Change<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 50)]
    class: Change<String>,
    /// By what the school knows them. No two pupils have the same.
    #[serde(default)]
    #[schema(value_type = Option<String>, max_length = 50)]
    number: Change<String>,
}

impl StudentChange {
    fn into_request(self, id: StudentId) -> UpdateStudentRequest {
        UpdateStudentRequest {
            id: id.to_string(),
            surname: self.surname,
            given_names: self.given_names,
            birth_date: self.birth_date.into_text(),
            class: self.class.into_text(),
            number: self.number.into_text(),
        }
    }
}

/// Change a pupil
///
/// What is absent stays as it is. Only administrators may.
#[utoipa::path(
    patch,
    path = ENDPOINT.path,
    operation_id = "updateStudent",
    tag = "students",
    params(("id" = String, Path, format = Uuid, description = "The pupil.")),
    request_body = StudentChange,
    responses((status = 200, description = "The pupil as they are now.", body = Student))
)]
pub(crate) async fn handle(
    caller: Credentials,
    state: web::Data<State>,
    Id(id): Id<StudentId>,
    Json(change): Json<StudentChange>,
) -> Result<HttpResponse, Refused> {
    let update = async |transport, request| grading::students(transport).update(request).await;
    let message = change.into_request(id);
    let student = state.grading.once(Some(&caller), message, update).await?;
    Ok(HttpResponse::Ok().json(Student::from(student)))
}
