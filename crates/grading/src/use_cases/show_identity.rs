//! Showing the part of a copy that says who wrote it.

use contracts::{Code, grading as pb};
use domain::{Operation, PageIndex};
use telemetry::events::IdentityShown;

use crate::app::App;
use crate::command::Command;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;

/// Where the image is. That the caller was shown it is recorded by then.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ShowIdentityRequest,
) -> Result<pb::PageImage, Error> {
    let command = Command::parse(session, Operation::IdentifyCopy, &request.copy_id, app.ids.next())?;
    let copy_id = command.copy;
    let (reply, event) = app
        .database
        .transaction("show_identity", move |tx| {
            let (copy, asked) = command.begin(tx)?;
            let first = PageIndex::new(0).ok_or(Code::Internal)?;
            let page = tx.pages().get(copy.id, first)?.ok_or(Code::NoPages)?;
            // A worker of the version before makes no such image.
            let image = page.identity.unwrap_or(page.display);
            let event = tx.disclose(&copy.show_identity(image.digest, asked)?)?;
            let reply = pb::PageImage {
                digest: image.digest.to_string(),
                media_type: image.format.to_string(),
            };
            Ok::<_, Error>((reply, event))
        })
        .await?;
    recorded::publish(event);
    telemetry::log(IdentityShown { copy_id });
    Ok(reply)
}
