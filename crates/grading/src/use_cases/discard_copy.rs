//! An administrator puts a copy aside.

use contracts::grading as pb;
use domain::Operation;
use telemetry::events::CopyDiscarded;

use crate::app::App;
use crate::command::Command;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;
use crate::use_cases::force_release_lock::reason;
use crate::use_cases::get_copy;

/// The copy as it was when it was last seen.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::DiscardCopyRequest,
) -> Result<pb::Copy, Error> {
    let command = Command::parse(session, Operation::DiscardCopy, &request.id, app.ids.next())?;
    let reason = reason(&request.reason)?;
    let copy_id = command.copy;
    let (last, event) = app
        .database
        .transaction("discard_copy", move |tx| {
            let (copy, asked) = command.begin(tx)?;
            let last = get_copy::read(tx, copy.id, asked.by)?;
            let transition = copy.discard(reason, asked)?;
            let event = tx.record(&transition)?;
            let version = transition.copy().version;
            Ok::<_, Error>((pb::Copy { version, ..last }, event))
        })
        .await?;
    recorded::publish(event);
    telemetry::log(CopyDiscarded { copy_id, reason });
    Ok(last)
}
