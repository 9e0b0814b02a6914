//! Taking back whose copy it is.

use contracts::grading as pb;
use domain::Operation;
use telemetry::events::CopyIdentified;

use crate::app::App;
use crate::command::Command;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;
use crate::use_cases::get_copy;
use crate::use_cases::set_identity::begin;

/// The copy without a pupil. Where there was none, nothing happens.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ClearIdentityRequest,
) -> Result<pb::Copy, Error> {
    let command = Command::parse(session, Operation::IdentifyCopy, &request.copy_id, app.ids.next())?;
    let copy_id = command.copy;
    let (copy, event) = app
        .database
        .transaction("clear_identity", move |tx| {
            let (copy, standing, asked) = begin(tx, &command)?;
            let event = match copy.take_identity_back(standing, asked)? {
                Some(identification) => Some(tx.identify(&identification)?),
                None => None,
            };
            Ok::<_, Error>((get_copy::read(tx, copy.id, asked.by)?, event))
        })
        .await?;
    if event.is_some() {
        recorded::publish(event);
        telemetry::log(CopyIdentified {
            copy_id,
            undone: true,
        });
    }
    Ok(copy)
}
