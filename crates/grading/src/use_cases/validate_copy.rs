//! Declaring a copy's pages complete and legible.

use contracts::{Code, grading as pb};
use domain::Operation;
use telemetry::events::CopyValidated;

use crate::app::App;
use crate::command::Command;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;
use crate::use_cases::get_copy;

/// The copy goes from STAGING to READY.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ValidateCopyRequest,
) -> Result<pb::Copy, Error> {
    let command = Command::parse(session, Operation::ValidateCopy, &request.id, app.ids.next())?;
    let id = command.copy;
    let (copy, event) = app
        .database
        .transaction("validate_copy", move |tx| {
            let (copy, asked) = command.begin(tx)?;
            if request.if_version.is_some_and(|version| version != copy.version) {
                return Err(Code::StaleVersion.into());
            }
            let event = tx.record(&copy.validate(asked)?)?;
            Ok::<_, Error>((get_copy::read(tx, id, asked.by)?, event))
        })
        .await?;
    recorded::publish(event);
    telemetry::log(CopyValidated {
        copy_id: id,
        pages: copy.page_count,
    });
    Ok(copy)
}
