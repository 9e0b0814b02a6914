//! A corrector gives a copy back.

use contracts::grading as pb;
use domain::Operation;
use telemetry::events::LockReleased;

use crate::app::App;
use crate::command::{Command, presented};
use crate::error::Error;
use crate::recorded;
use crate::session::Session;

/// The copy is READY again. Without a lock there is nothing to do.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ReleaseLockRequest,
) -> Result<pb::ReleaseLockReply, Error> {
    let command = Command::parse(session, Operation::CorrectCopy, &request.copy_id, app.ids.next())?;
    let token = presented(&request.lock_token);
    let copy_id = command.copy;
    let event = app
        .database
        .transaction("release_lock", move |tx| {
            let (copy, asked) = command.begin(tx)?;
            let released = copy.release(token, asked)?;
            Ok::<_, Error>(released.map(|transition| tx.record(&transition)).transpose()?)
        })
        .await?;
    if let Some(event) = event {
        recorded::publish(event);
        telemetry::log(LockReleased { copy_id });
    }
    Ok(pb::ReleaseLockReply {})
}
