//! Saying whose copy it is.

use contracts::{Code, FieldCode, Fields, Problem, grading as pb};
use domain::audit::IdentityMethod;
use domain::copy::{Asked, Standing};
use domain::{Copy, CopyId, Exam, Operation, StudentId};
use store::{Constraint, Tx};
use telemetry::events::CopyIdentified;

use crate::app::App;
use crate::command::Command;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;
use crate::use_cases::get_copy;

/// The copy with its pupil. Of two copies that are said to be one pupil's, the first is.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::SetIdentityRequest,
) -> Result<pb::Copy, Error> {
    let command = Command::parse(session, Operation::IdentifyCopy, &request.copy_id, app.ids.next())?;
    let copy_id = command.copy;
    let (copy, event) = app
        .database
        .transaction("set_identity", move |tx| {
            let (copy, standing, asked) = begin(tx, &command)?;
            let (student, method) = parse(tx, &request)?;
            let event = match copy.identify(standing, student, method, asked)? {
                Some(identification) => Some(tx.identify(&identification).map_err(unknown)?),
                None => None,
            };
            Ok::<_, Error>((get_copy::read(tx, copy.id, asked.by)?, event))
        })
        .await?;
    if event.is_some() {
        recorded::publish(event);
        telemetry::log(CopyIdentified {
            copy_id,
            undone: false,
        });
    }
    Ok(copy)
}

/// The copy, locked, with what is known of whose it is. The exam is locked before: nobody releases its results
/// meanwhile.
pub(crate) fn begin(tx: &mut Tx<'_>, command: &Command) -> Result<(Copy, Standing, Asked), Error> {
    let caller = command.admit(tx)?;
    let seen = tx.copies().get(command.copy)?.ok_or(Code::NotFound)?;
    let exam = tx.exams().for_share(seen.copy.exam)?.ok_or(Code::NotFound)?;
    let (copy, asked) = command.lock(tx, caller)?;
    let standing = standing(tx, copy.id, &exam)?;
    Ok((copy, standing, asked))
}

/// What is known of whose copy it is.
pub(crate) fn standing(tx: &mut Tx<'_>, copy: CopyId, exam: &Exam) -> Result<Standing, Error> {
    let known = tx.identities().of(copy)?;
    Ok(Standing {
        known: known.map(|identity| (identity.student, identity.method)),
        released: exam.released_at.is_some(),
    })
}

fn parse(tx: &mut Tx<'_>, request: &pb::SetIdentityRequest) -> Result<(StudentId, IdentityMethod), Error> {
    let mut fields = Fields::default();
    let student: Option<StudentId> = fields.parse("/student_id", &request.student_id);
    let method = fields.parse("/method", &request.method);
    if let Some(student) = student
        && tx.students().get(student)?.is_none()
    {
        fields.note("/student_id", FieldCode::UnknownReference);
    }
    match (student, method) {
        (Some(student), Some(method)) if fields.all_right() => Ok((student, method)),
        _ => Err(fields.problem().into()),
    }
}

/// The pupil was forgotten a moment ago.
fn unknown(error: store::Error) -> Error {
    let constraint = Constraint::UnknownStudent;
    if error == (store::Error::Conflict { constraint }) {
        Problem::field("/student_id", FieldCode::UnknownReference).into()
    } else {
        error.into()
    }
}
