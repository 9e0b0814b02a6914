//! Declaring a copy's pages complete and legible.

use contracts::{Code, grading as pb};
use domain::audit::Actor;
use domain::{CopyId, Operation};
use telemetry::events::CopyValidated;

use crate::app::App;
use crate::authorization;
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
    let id: CopyId = request.id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let operation = app.ids.next();
    let (copy, event) = app
        .database
        .transaction("validate_copy", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_copy(tx, caller, Operation::ValidateCopy, id)?;
            let copy = tx.copies().for_update(id)?.ok_or(Code::NotFound)?;
            if request.if_version.is_some_and(|version| version != copy.version) {
                return Err(Code::StaleVersion.into());
            }
            let transition = copy.validate(Actor::User(caller.user), operation)?;
            let event = tx.record(&transition)?;
            Ok::<_, Error>((get_copy::read(tx, id)?, event))
        })
        .await?;
    recorded::publish(event);
    telemetry::log(CopyValidated {
        copy_id: id,
        pages: copy.page_count,
    });
    Ok(copy)
}
