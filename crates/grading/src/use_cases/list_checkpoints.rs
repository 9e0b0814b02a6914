//! The signed checkpoints of the audit trail.

use contracts::{Code, grading as pb};
use domain::Operation;
use domain::access::Relation;
use domain::audit::Root;
use telemetry::Causes;
use telemetry::events::AuditCheckpointsUnreadable;

use crate::app::App;
use crate::authorization;
use crate::checkpoints::{CheckpointError, Recent};
use crate::error::Error;
use crate::paging::{Paging, cursor};
use crate::session::Session;

/// A page of them, the last first.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ListCheckpointsRequest,
) -> Result<pb::ListCheckpointsReply, Error> {
    let paging = Paging::<u64>::parse(&request.cursor, request.limit)?;
    app.database
        .transaction("list_checkpoints", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::ReadAudit, Relation::Stranger)
        })
        .await?;
    let limit = usize::from(paging.limit);
    let Recent { key, mut notes } = recent(app, paging.after, limit + 1).await?;
    let more = notes.len() > limit;
    notes.truncate(limit);
    let last = notes.last().filter(|_last| more).map(|(root, _)| root.size);
    Ok(pb::ListCheckpointsReply {
        checkpoints: notes.into_iter().map(checkpoint).collect(),
        next_cursor: cursor(last),
        key: key.to_string(),
    })
}

/// The last checkpoints, read where blocking is allowed.
pub(crate) async fn recent(app: &App, before: Option<u64>, limit: usize) -> Result<Recent, Error> {
    let checkpoints = app.checkpoints.clone();
    let read = tokio::task::spawn_blocking(move || checkpoints.recent(before, limit));
    match read.await {
        Ok(Ok(recent)) => Ok(recent),
        Ok(Err(CheckpointError::NotSet)) => Err(Code::NotFound.into()),
        Ok(Err(error)) => {
            telemetry::log(AuditCheckpointsUnreadable {
                error: Causes::of(&error),
            });
            Err(Code::Unavailable.into())
        }
        Err(_panicked) => Err(Code::Internal.into()),
    }
}

fn checkpoint((root, note): (Root, String)) -> pb::Checkpoint {
    pb::Checkpoint {
        size: root.size,
        root: root.hash.to_string(),
        note,
    }
}
