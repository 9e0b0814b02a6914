//! An administrator takes a copy from its corrector.

use contracts::{Fields, grading as pb};
use domain::{Operation, Reason};
use telemetry::events::LockForced;

use crate::app::App;
use crate::command::Command;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;
use crate::use_cases::get_copy;

/// The copy is READY again, whoever had it. What they had not saved is in their draft.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ForceReleaseLockRequest,
) -> Result<pb::Copy, Error> {
    let command = Command::parse(session, Operation::ForceRelease, &request.copy_id, app.ids.next())?;
    let reason = reason(&request.reason)?;
    let copy_id = command.copy;
    let (copy, event) = app
        .database
        .transaction("force_release_lock", move |tx| {
            let (copy, asked) = command.begin(tx)?;
            let released = copy.force_release(reason, asked)?;
            let event = released.map(|transition| tx.record(&transition)).transpose()?;
            Ok::<_, Error>((get_copy::read(tx, command.copy, asked.by)?, event))
        })
        .await?;
    if let Some(event) = event {
        recorded::publish(event);
        telemetry::log(LockForced { copy_id, reason });
    }
    Ok(copy)
}

/// Why somebody steps in.
pub(crate) fn reason(text: &str) -> Result<Reason, Error> {
    let mut fields = Fields::default();
    let reason = fields.parse("/reason", text);
    reason.ok_or_else(|| fields.problem().into())
}
