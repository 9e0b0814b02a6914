//! Changing who a pupil is.

use contracts::{Code, FieldCode, Fields, Problem, grading as pb};
use domain::access::Relation;
use domain::student::{ClassName, GivenNames, Particulars, SchoolNumber, Surname};
use domain::{Operation, Student};
use store::Constraint;
use telemetry::events::StudentUpdated;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;
use crate::use_cases::get_student;

/// The pupil as they are now. What the request does not say stays as it is.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::UpdateStudentRequest,
) -> Result<pb::Student, Error> {
    let student = app
        .database
        .transaction("update_student", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::ManageStudents, Relation::Stranger)?;
            let id = get_student::parse(&request.id)?;
            let before = tx.students().for_update(id)?.ok_or(Code::NotFound)?;
            let particulars = changed(before.particulars, &request)?;
            tx.students().update(id, &particulars).map_err(taken)?;
            Ok::<_, Error>(Student {
                particulars,
                ..before
            })
        })
        .await?;
    telemetry::log(StudentUpdated {
        student_id: student.id,
    });
    Ok(pb::Student::from(&student))
}

fn changed(before: Particulars, request: &pb::UpdateStudentRequest) -> Result<Particulars, Problem> {
    let mut fields = Fields::default();
    let mut after = before;
    if let Some(text) = &request.surname
        && let Some(surname) = fields.check("/surname", Surname::new(text), FieldCode::Malformed)
    {
        after.surname = surname;
    }
    if let Some(text) = &request.given_names
        && let Some(names) = fields.check("/given_names", GivenNames::new(text), FieldCode::Malformed)
    {
        after.given_names = names;
    }
    if let Some(text) = &request.birth_date {
        after.birth_date = fields.parse_given("/birth_date", text).flatten();
    }
    if let Some(text) = &request.class {
        after.class = given(text).and_then(|text| {
            let class = ClassName::new(text);
            fields.check("/class", class, FieldCode::Malformed)
        });
    }
    if let Some(text) = &request.number {
        after.number = given(text).and_then(|text| {
            let number = SchoolNumber::new(text);
            fields.check("/number", number, FieldCode::Malformed)
        });
    }
    if fields.all_right() {
        Ok(after)
    } else {
        Err(fields.problem())
    }
}

/// What is empty is taken away.
fn given(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.is_empty())
}

fn taken(error: store::Error) -> Error {
    let of = |constraint| store::Error::Conflict { constraint };
    if error == of(Constraint::DuplicateNumber) {
        Problem::field("/number", FieldCode::Taken).into()
    } else if error == of(Constraint::DuplicateStudent) {
        Problem::field("/surname", FieldCode::Taken).into()
    } else {
        error.into()
    }
}
