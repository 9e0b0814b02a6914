//! An administrator puts a copy aside.

use contracts::grading as pb;
use domain::copy::Asked;
use domain::{Copy, Operation, Reason};
use store::{Entry, Tx};
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
    let (last, events) = app
        .database
        .transaction("discard_copy", move |tx| {
            let (copy, asked) = command.begin(tx)?;
            let last = get_copy::read(tx, copy.id, asked.by)?;
            let version = copy.version + 1;
            let events = put_aside(tx, copy, reason, asked)?;
            Ok::<_, Error>((pb::Copy { version, ..last }, events))
        })
        .await?;
    events.into_iter().for_each(recorded::publish);
    telemetry::log(CopyDiscarded { copy_id, reason });
    Ok(last)
}

/// Puts the copy aside. Its pupil, if one is known, may have another from now on.
pub(crate) fn put_aside(
    tx: &mut Tx<'_>,
    copy: Copy,
    reason: Reason,
    asked: Asked,
) -> Result<Vec<Entry>, Error> {
    let known = tx.identities().of(copy.id)?;
    let identification = known.map(|identity| copy.lose_pupil((identity.student, identity.method), asked));
    let transition = copy.discard(reason, asked)?;
    let mut events = Vec::with_capacity(2);
    if let Some(identification) = identification {
        events.push(tx.identify(&identification)?);
    }
    events.push(tx.record(&transition)?);
    Ok(events)
}
