//! Changing a person: their name, what they are, and whether they are locked out.

use contracts::{Code, FieldCode, Fields, Problem, grading as pb};
use domain::access::Relation;
use domain::user::Change;
use domain::{DisplayName, Operation, UserId};
use store::{Tx, User};
use telemetry::events::{UserDisabled, UserUpdated};

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;
use crate::use_cases::get_user;

/// Stores the change. Whoever is disabled is logged out everywhere, and their invitation ends.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::UpdateUserRequest,
) -> Result<pb::UserAccount, Error> {
    let (user, ended, account) = app
        .database
        .transaction("update_user", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::ManageUsers, Relation::Stranger)?;
            let id = get_user::parse(&request.id)?;
            let change = parse(&request)?;
            change.check(caller, id).map_err(Problem::from)?;

            let people = tx.users().for_update(&[caller.user, id])?;
            // Of two administrators who disable or demote each other, the second is none any more.
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::ManageUsers, Relation::Stranger)?;
            let before = people.into_iter().find(|user| user.id == id);
            let before = before.ok_or(Code::NotFound)?;
            let enabled_again = before.disabled;
            let after = changed(before, change);
            tx.users().update(&after)?;
            if enabled_again {
                // An invitation from the time when it opened nothing must not open anything now.
                tx.invitations().delete_of(id)?;
            }
            let ended = if after.disabled {
                Some(shut_out(tx, id)?)
            } else {
                None
            };
            Ok::<_, Error>((after, ended, get_user::read(tx, id)?))
        })
        .await?;
    telemetry::log(UserUpdated {
        account_id: user.id,
        role: user.role,
        disabled: user.disabled,
    });
    if let Some(sessions) = ended {
        telemetry::log(UserDisabled {
            account_id: user.id,
            sessions,
        });
    }
    Ok(account)
}

fn parse(request: &pb::UpdateUserRequest) -> Result<Change, Problem> {
    let mut fields = Fields::default();
    let display_name = request
        .display_name
        .as_deref()
        .and_then(|name| fields.check("/display_name", DisplayName::new(name), FieldCode::Malformed));
    let role = request
        .role
        .as_deref()
        .and_then(|role| fields.parse("/role", role));
    if !fields.all_right() {
        return Err(fields.problem());
    }
    Ok(Change {
        display_name,
        role,
        disabled: request.disabled,
    })
}

fn changed(before: User, change: Change) -> User {
    User {
        display_name: change.display_name.unwrap_or(before.display_name),
        role: change.role.unwrap_or(before.role),
        disabled: change.disabled.unwrap_or(before.disabled),
        ..before
    }
}

/// Ends all that opens doors to a person, and says how many sessions there were.
fn shut_out(tx: &mut Tx<'_>, id: UserId) -> Result<usize, Error> {
    tx.invitations().delete_of(id)?;
    Ok(tx.sessions().delete_of(id)?)
}
