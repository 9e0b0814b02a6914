//! Reading an exam.

use contracts::{Code, grading as pb};
use domain::{ExamId, Operation};

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;

/// The exam, if the caller may see it.
pub(crate) async fn run(app: &App, session: Session, request: pb::GetExamRequest) -> Result<pb::Exam, Error> {
    let id: ExamId = request.id.parse().map_err(|_not_an_id| Code::NotFound)?;
    app.database
        .transaction("get_exam", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_exam(tx, caller, Operation::ReadExam, id)?;
            let exam = tx.exams().get(id)?.ok_or(Code::NotFound)?;
            Ok(pb::Exam::from(&exam))
        })
        .await
}
