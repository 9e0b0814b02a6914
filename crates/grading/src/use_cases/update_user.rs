//! Changing a person: their name, what they are, and whether they are locked out.

use contracts::{Code, FieldCode, Fields, Problem, grading as pb};
use domain::access::Relation;
use domain::user::{By, Change};
use domain::{DisplayName, Operation};
use telemetry::events::{UserDisabled, UserUpdated};

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;
use crate::use_cases::get_user;

/// Stores the change. Whoever is disabled is logged out everywhere, and their invitation ends.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::UpdateUserRequest,
) -> Result<pb::UserAccount, Error> {
    let operation = app.ids.next();
    let (changed, (role, disabled), account) = app
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
            let what = (
                change.role.unwrap_or(before.role),
                change.disabled.unwrap_or(before.disabled),
            );
            let actor = caller.actor();
            let changed = tx.change_account(&before.change(change, By { actor, operation }))?;
            Ok::<_, Error>((changed, what, get_user::read(tx, id)?))
        })
        .await?;
    recorded::publish(changed.entry);
    telemetry::log(UserUpdated {
        account_id: changed.id,
        role,
        disabled,
    });
    if disabled {
        telemetry::log(UserDisabled {
            account_id: changed.id,
            sessions: changed.sessions,
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
