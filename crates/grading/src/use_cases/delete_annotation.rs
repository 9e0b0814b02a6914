//! Taking an annotation away.

use contracts::{Code, grading as pb};
use domain::{AnnotationId, Operation};

use crate::app::App;
use crate::command::{Command, presented};
use crate::error::Error;
use crate::recorded;
use crate::session::Session;

/// The annotation is gone, unless somebody changed it since the caller read it.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::DeleteAnnotationRequest,
) -> Result<pb::DeleteAnnotationReply, Error> {
    let command = Command::parse(session, Operation::CorrectCopy, &request.copy_id, app.ids.next())?;
    let id: AnnotationId = request.id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let token = presented(&request.lock_token);
    let event = app
        .database
        .transaction("delete_annotation", move |tx| {
            let (copy, asked) = command.begin(tx)?;
            let editor = copy.editor(token, asked)?;
            let found = tx.annotations().get(copy.id, id)?.ok_or(Code::NotFound)?;
            let correction = editor.erase(found.annotation, request.if_version)?;
            Ok::<_, Error>(tx.correct(&correction)?)
        })
        .await?;
    recorded::publish(event);
    Ok(pb::DeleteAnnotationReply {})
}
