//! Reading the audit trail of a copy.

use contracts::{Code, grading as pb};
use domain::audit::Action;
use domain::{CopyId, Operation, Role, UserId};
use store::Tx;

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
            let mut events: Vec<_> = found.items.into_iter().map(pb::Event::from).collect();
            if !caller.sees_identities() {
                nameless(tx, &mut events)?;
            }
            Ok(pb::ListEventsReply { events, next_cursor })
        })
        .await
}

/// Who may not see whose copy it is does not learn by which id the trail names the pupil either, nor as who they fetched
/// it: it is the same in all exams.
fn nameless(tx: &mut Tx<'_>, events: &mut [pb::Event]) -> Result<(), Error> {
    let actors: Vec<UserId> = events
        .iter()
        .filter_map(|event| event.actor_id.parse().ok())
        .collect();
    let pupils = tx.users().who_are(Role::Student, &actors)?;
    for event in events {
        if event.actor_id.parse().is_ok_and(|actor| pupils.contains(&actor)) {
            event.actor_id.clear();
        }
        if event.action == Action::Identify.as_str() {
            "{}".clone_into(&mut event.metadata);
        }
    }
    Ok(())
}
