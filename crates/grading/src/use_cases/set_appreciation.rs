//! Saying something about a whole copy.

use contracts::{Fields, annotation, grading as pb};
use domain::{LockToken, Operation};

use crate::app::App;
use crate::command::Command;
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
    let token = LockToken::from_caller(&request.lock_token).map(|token| token.digest());
    let event = app
        .database
        .transaction("set_appreciation", move |tx| {
            let (copy, asked) = command.begin(tx)?;
            let correction = copy.editor(token, asked)?.appreciate(text);
            Ok::<_, Error>(tx.correct(&correction)?)
        })
        .await?;
    recorded::publish(event);
    Ok(answer)
}
