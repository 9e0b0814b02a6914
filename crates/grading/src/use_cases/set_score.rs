//! Giving a question points.

use contracts::{Code, Fields, annotation, grading as pb};
use domain::{Operation, QuestionId};

use crate::app::App;
use crate::command::{Command, presented};
use crate::error::Error;
use crate::recorded;
use crate::session::Session;
use crate::use_cases::get_marks;

/// The marks of the copy with the new points, or without those it had.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::SetScoreRequest,
) -> Result<pb::MarksOfCopy, Error> {
    let command = Command::parse(session, Operation::CorrectCopy, &request.copy_id, app.ids.next())?;
    let question: QuestionId = request
        .question_id
        .parse()
        .map_err(|_not_an_id| Code::UnknownQuestion)?;
    let mut fields = Fields::default();
    let points = annotation::points(&mut fields, "/points", &request.points);
    let points = points.ok_or_else(|| fields.problem())?;
    let token = presented(&request.lock_token);
    let (marks, event) = app
        .database
        .transaction("set_score", move |tx| {
            let (copy, asked) = command.begin(tx)?;
            let editor = copy.editor(token, asked)?;
            let exam = tx.exams().for_share(copy.exam)?.ok_or(Code::NotFound)?;
            let before = tx.marks().score(copy.id, &question)?;
            let scored = editor.score(exam.scheme.as_ref(), question, (before, points))?;
            let event = scored.map(|correction| tx.correct(&correction)).transpose()?;
            Ok::<_, Error>((get_marks::read(tx, copy.id)?, event))
        })
        .await?;
    recorded::publish(event);
    Ok(marks)
}
