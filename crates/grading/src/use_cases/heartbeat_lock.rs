//! A sign of life of a corrector.

use contracts::{grading as pb, timestamp};
use domain::Operation;

use crate::app::App;
use crate::command::{Command, presented};
use crate::error::Error;
use crate::session::Session;

/// The lock lasts longer.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::HeartbeatLockRequest,
) -> Result<pb::HeartbeatLockReply, Error> {
    let command = Command::parse(session, Operation::CorrectCopy, &request.copy_id, app.ids.next())?;
    let token = presented(&request.lock_token);
    let (lock, now) = app
        .database
        .transaction("heartbeat_lock", move |tx| {
            let (copy, asked) = command.begin(tx)?;
            let lock = copy.heartbeat(token, asked)?;
            tx.locks().renew(copy.id, &lock)?;
            Ok::<_, Error>((lock, asked.now))
        })
        .await?;
    Ok(pb::HeartbeatLockReply {
        expires_at: Some(timestamp(lock.expires_at)),
        server_time: Some(timestamp(now)),
    })
}
