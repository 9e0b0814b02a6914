//! The events of all copies and people.

use contracts::{Fields, Problem, grading as pb};
use domain::access::Relation;
use domain::audit::{Recorded, Subject};
use domain::{CopyId, Operation, UserId};
use store::EventFilter;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::paging::{Paging, cursor};
use crate::session::Session;

/// A page of the events, in the order of the tree: nothing is ever put before what was listed.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ListAuditEventsRequest,
) -> Result<pb::ListAuditEventsReply, Error> {
    let paging = Paging::<u64>::parse(&request.cursor, request.limit)?;
    let filter = filter(&request)?;
    app.database
        .transaction("list_audit_events", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::ReadAudit, Relation::Stranger)?;
            let found = tx.audit_tree().page(filter, paging.after, paging.limit)?;
            Ok(pb::ListAuditEventsReply {
                events: found.items.into_iter().map(event).collect(),
                next_cursor: cursor(found.next),
            })
        })
        .await
}

fn filter(request: &pb::ListAuditEventsRequest) -> Result<EventFilter, Problem> {
    let mut fields = Fields::default();
    let copy = some(&request.copy_id).map(|id| fields.parse::<CopyId>("/copy_id", id));
    let user = some(&request.user_id).map(|id| fields.parse::<UserId>("/user_id", id));
    let actor = some(&request.actor_id).map(|id| fields.parse::<UserId>("/actor_id", id));
    let action = some(&request.action).map(|name| fields.parse("/action", name));
    if !fields.all_right() {
        return Err(fields.problem());
    }
    Ok(EventFilter {
        copy: copy.flatten(),
        user: user.flatten(),
        actor: actor.flatten().map(Into::into),
        action: action.flatten(),
    })
}

fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}

fn event((position, event): (u64, Recorded)) -> pb::AuditEvent {
    let subject = event.subject();
    let text = |id: Option<String>| id.unwrap_or_default();
    pb::AuditEvent {
        position,
        copy_id: text(subject.and_then(Subject::copy).map(|id| id.to_string())),
        user_id: text(subject.and_then(Subject::user).map(|id| id.to_string())),
        event: Some(event.into()),
    }
}
