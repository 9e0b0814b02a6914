//! Reading who a pupil is.

use contracts::{Code, grading as pb};
use domain::access::Relation;
use domain::{Operation, StudentId};

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;

/// The pupil, for administrators.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::GetStudentRequest,
) -> Result<pb::Student, Error> {
    app.database
        .transaction("get_student", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::ReadStudents, Relation::Stranger)?;
            let student = tx.students().get(parse(&request.id)?)?.ok_or(Code::NotFound)?;
            Ok(pb::Student::from(&student))
        })
        .await
}

/// The id of a pupil. What is not one names nothing.
pub(crate) fn parse(id: &str) -> Result<StudentId, Code> {
    id.parse().map_err(|_not_an_id| Code::NotFound)
}
