//! An administrator has a copy corrected again.

use contracts::grading as pb;
use domain::Operation;
use telemetry::events::CopyReopened;

use crate::app::App;
use crate::command::Command;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;
use crate::use_cases::force_release_lock::reason;
use crate::use_cases::get_copy;

/// The copy is READY with all that is on it. Its corrected document is kept, and handed out no more.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ReopenCopyRequest,
) -> Result<pb::Copy, Error> {
    let command = Command::parse(session, Operation::ReopenCopy, &request.id, app.ids.next())?;
    let reason = reason(&request.reason)?;
    let copy_id = command.copy;
    let (copy, event) = app
        .database
        .transaction("reopen_copy", move |tx| {
            let caller = command.admit(tx)?;
            // Nobody releases the results meanwhile.
            let (exam, copy, asked) = command.lock_in_exam(tx, caller)?;
            let transition = copy.reopen(reason, exam.released_at.is_some(), asked)?;
            let event = tx.record(&transition)?;
            Ok::<_, Error>((get_copy::read(tx, command.copy, asked.by)?, event))
        })
        .await?;
    recorded::publish(event);
    telemetry::log(CopyReopened { copy_id, reason });
    Ok(copy)
}
