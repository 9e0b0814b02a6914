//! Reading an exam.

use contracts::{Code, grading as pb};
use domain::{Exam, ExamId, Operation};
use store::Tx;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;
use crate::view;

/// The exam, if the caller may see it.
pub(crate) async fn run(app: &App, session: Session, request: pb::GetExamRequest) -> Result<pb::Exam, Error> {
    let id: ExamId = request.id.parse().map_err(|_not_an_id| Code::NotFound)?;
    app.database
        .transaction("get_exam", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_exam(tx, caller, Operation::ReadExam, id)?;
            let exam = tx.exams().get(id)?.ok_or(Code::NotFound)?;
            shown(tx, &exam)
        })
        .await
}

/// The exam with the classes that write it, as they are stored.
pub(crate) fn shown(tx: &mut Tx<'_>, exam: &Exam) -> Result<pb::Exam, Error> {
    let mut classes = tx.exams().classes_of(&[exam.id])?;
    let classes = classes.remove(&exam.id).unwrap_or_default();
    Ok(view::exam(exam, &classes))
}
