//! Reading the audit trail of a copy.

use contracts::{Code, grading as pb};
use domain::{CopyId, Operation};

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::paging::{Paging, cursor};
use crate::session::Session;

/// A page of the copy's events, oldest first.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ListEventsRequest,
) -> Result<pb::ListEventsReply, Error> {
    let copy: CopyId = request.copy_id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let paging = Paging::<i64>::parse(&request.cursor, request.limit)?;
    app.database
        .transaction("list_events", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_copy(tx, caller, Operation::ReadEvents, copy)?;
            let found = tx.events().page(copy, paging.after, paging.limit)?;
            let next_cursor = cursor(found.next);
            let events = found.items.into_iter().map(Into::into).collect();
            Ok(pb::ListEventsReply { events, next_cursor })
        })
        .await
}
