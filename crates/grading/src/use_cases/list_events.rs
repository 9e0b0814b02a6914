//! Reading the audit trail of a copy.

use contracts::{Code, grading as pb};
use domain::audit::Action;
use domain::{Caller, CopyId, Operation};

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
            let events = found.items.into_iter().map(pb::Event::from);
            let events = events.map(|event| shown(event, caller)).collect();
            Ok(pb::ListEventsReply { events, next_cursor })
        })
        .await
}

/// Who may not see whose copy it is does not learn by which id the trail names the pupil either: it is the same in all
/// exams.
fn shown(event: pb::Event, caller: Caller) -> pb::Event {
    if event.action == Action::Identify.as_str() && !caller.sees_identities() {
        pb::Event {
            metadata: "{}".to_owned(),
            ..event
        }
    } else {
        event
    }
}
