//! Saying something about a whole copy.

use contracts::{Fields, annotation, grading as pb};
use domain::Operation;

use crate::app::App;
use crate::command::{Command, presented};
use crate::error::Error;
use crate::recorded;
use crate::session::Session;

/// The appreciation as it is stored; empty if there is none any more.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::SetAppreciationRequest,
) -> Result<pb::Appreciation, Error> {
    let command = Command::parse(session, Operation::CorrectCopy, &request.copy_id, app.ids.next())?;
    let mut fields = Fields::default();
    let text = annotation::prose(&mut fields, "/text", &request.text);
    let text = text.ok_or_else(|| fields.problem())?;
    let answer = pb::Appreciation {
        text: annotation::exposed(text.as_ref()),
    };
    let token = presented(&request.lock_token);
    let event = app
        .database
        .transaction("set_appreciation", move |tx| {
            let (copy, asked) = command.begin(tx)?;
            let editor = copy.editor(token, asked)?;
            let before = tx.marks().appreciation(copy.id)?;
            let appreciated = editor.appreciate((before.as_ref(), text));
            Ok::<_, Error>(
                appreciated
                    .map(|correction| tx.correct(&correction))
                    .transpose()?,
            )
        })
        .await?;
    recorded::publish(event);
    Ok(answer)
}
