//! Changing an annotation.

use contracts::{Code, annotation, grading as pb};
use domain::{AnnotationId, Operation};

use crate::app::App;
use crate::command::{Command, presented};
use crate::error::Error;
use crate::recorded;
use crate::session::Session;
use crate::use_cases::create_annotation::scheme_for;
use crate::view;

/// The annotation as it is now. If somebody changed it since the caller read it, it stays as they left it.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::UpdateAnnotationRequest,
) -> Result<pb::Annotation, Error> {
    let command = Command::parse(session, Operation::CorrectCopy, &request.copy_id, app.ids.next())?;
    let id: AnnotationId = request.id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let token = presented(&request.lock_token);
    let (annotation, event) = app
        .database
        .transaction("update_annotation", move |tx| {
            let (copy, asked) = command.begin(tx)?;
            let editor = copy.editor(token, asked)?;
            let before = tx.annotations().get(copy.id, id)?.ok_or(Code::NotFound)?;
            let content = annotation::amended(&before.annotation.content, &request)?;
            let scheme = scheme_for(tx, &copy, &content)?;
            let load = tx.annotations().load(copy.id)?;
            load.admits(Some(&before.annotation.content), &content)?;
            let amended = editor.amend(&before.annotation, request.if_version, content, scheme.as_ref())?;
            let event = amended.map(|correction| tx.correct(&correction)).transpose()?;
            let after = tx.annotations().get(copy.id, id)?.ok_or(Code::Internal)?;
            Ok::<_, Error>((view::annotation(&after), event))
        })
        .await?;
    recorded::publish(event);
    Ok(annotation)
}
