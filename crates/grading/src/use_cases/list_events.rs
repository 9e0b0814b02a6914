//! Reading the audit trail of a copy.

use contracts::{Code, grading as pb};
use domain::audit::Action;
use domain::{Caller, CopyId, Operation, Role, UserId};

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
            let actors: Vec<UserId> = found.items.iter().map(|event| event.actor_id.into()).collect();
            let pupils = tx.users().who_are(Role::Student, &actors)?;
            let events = found.items.into_iter().map(pb::Event::from);
            let events = events.map(|event| shown(event, &pupils, caller)).collect();
            Ok(pb::ListEventsReply { events, next_cursor })
        })
        .await
}

/// Who may not see whose copy it is does not learn by which id the trail names the pupil either, nor as who they fetched
/// it: it is the same in all exams.
fn shown(event: pb::Event, pupils: &[UserId], caller: Caller) -> pb::Event {
    if caller.sees_identities() {
        return event;
    }
    let is_pupil = pupils.iter().any(|pupil| pupil.to_string() == event.actor_id);
    let identifies = event.action == Action::Identify.as_str();
    pb::Event {
        actor_id: if is_pupil { String::new() } else { event.actor_id },
        metadata: if identifies {
            "{}".to_owned()
        } else {
            event.metadata
        },
        ..event
    }
}
