//! Listing people.

use contracts::{Fields, grading as pb};
use domain::access::Relation;
use domain::{Operation, Role};

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::paging::{Paging, cursor};
use crate::session::Session;
use crate::view;

/// A page of the people with access, in the order in which they were added.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ListUsersRequest,
) -> Result<pb::ListUsersReply, Error> {
    app.database
        .transaction("list_users", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::ReadUsers, Relation::Stranger)?;
            let paging = Paging::parse(&request.cursor, request.limit)?;
            let role = role(&request.role)?;
            let found = tx.users().page(role, paging.after, paging.limit)?;
            Ok(pb::ListUsersReply {
                users: found.items.iter().map(view::account).collect(),
                next_cursor: cursor(found.next),
            })
        })
        .await
}

/// The filter, if there is one.
fn role(text: &str) -> Result<Option<Role>, Error> {
    if text.is_empty() {
        return Ok(None);
    }
    let mut fields = Fields::default();
    match fields.parse("/role", text) {
        Some(role) => Ok(Some(role)),
        None => Err(fields.problem().into()),
    }
}
