//! Saying something about a question.

use contracts::{Code, Fields, annotation, grading as pb};
use domain::{Operation, QuestionId};

use crate::app::App;
use crate::command::{Command, presented};
use crate::error::Error;
use crate::recorded;
use crate::session::Session;

/// The remark as it is stored; empty if there is none any more.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::SetRemarkRequest,
) -> Result<pb::Remark, Error> {
    let command = Command::parse(session, Operation::CorrectCopy, &request.copy_id, app.ids.next())?;
    let question: QuestionId = request
        .question_id
        .parse()
        .map_err(|_not_an_id| Code::UnknownQuestion)?;
    let mut fields = Fields::default();
    let text = annotation::prose(&mut fields, "/text", &request.text);
    let text = text.ok_or_else(|| fields.problem())?;
    let answer = pb::Remark {
        question_id: question.to_string(),
        text: annotation::exposed(text.as_ref()),
    };
    let token = presented(&request.lock_token);
    let event = app
        .database
        .transaction("set_remark", move |tx| {
            let (copy, asked) = command.begin(tx)?;
            let editor = copy.editor(token, asked)?;
            let exam = tx.exams().for_share(copy.exam)?.ok_or(Code::NotFound)?;
            let before = tx.marks().remark(copy.id, &question)?;
            let remarked = editor.remark(exam.scheme.as_ref(), question, (before.as_ref(), text))?;
            Ok::<_, Error>(remarked.map(|correction| tx.correct(&correction)).transpose()?)
        })
        .await?;
    recorded::publish(event);
    Ok(answer)
}
