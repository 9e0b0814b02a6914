//! Making a person.

use contracts::{FieldCode, Fields, Problem, grading as pb};
use domain::access::Relation;
use domain::user::By;
use domain::{DisplayName, Ids, Login, Operation, Role, User};
use store::Constraint;
use telemetry::events::UserCreated;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;
use crate::use_cases::{get_user, invite_user};

/// Stores a person without a password, and the invitation by which they choose one.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::CreateUserRequest,
) -> Result<pb::CreateUserReply, Error> {
    let (ids, operation) = (app.ids.clone(), app.ids.next());
    let (token, invite) = invite_user::new(app);
    let (changed, role, reply) = app
        .database
        .transaction("create_user", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::ManageUsers, Relation::Stranger)?;
            let user = parse(&request, &ids)?;
            let role = user.role;
            let actor = caller.actor();
            let added = user.add(Some(invite), By { actor, operation });
            let changed = tx.change_account(&added).map_err(taken)?;
            let reply = pb::CreateUserReply {
                invitation: Some(invite_user::invitation(&token, changed)),
                user: Some(get_user::read(tx, changed.id)?),
            };
            Ok::<_, Error>((changed, role, reply))
        })
        .await?;
    recorded::publish(changed.entry);
    telemetry::log(UserCreated {
        account_id: changed.id,
        role,
    });
    Ok(reply)
}

fn parse(request: &pb::CreateUserRequest, ids: &Ids) -> Result<User, Problem> {
    let mut fields = Fields::default();
    let login = fields.check("/login", Login::new(&request.login), FieldCode::Malformed);
    let display_name = fields.check(
        "/display_name",
        DisplayName::new(&request.display_name),
        FieldCode::Malformed,
    );
    let role: Option<Role> = fields.parse("/role", &request.role);
    match (login, display_name, role) {
        (Some(login), Some(display_name), Some(role)) => Ok(User {
            id: ids.next(),
            login,
            display_name,
            role,
            password_hash: None,
            must_change_password: false,
            disabled: false,
        }),
        _ => Err(fields.problem()),
    }
}

/// Says that somebody else has the login, if that is what failed.
pub(crate) fn taken(error: store::Error) -> Error {
    let constraint = Constraint::DuplicateLogin;
    if error == (store::Error::Conflict { constraint }) {
        Problem::field("/login", FieldCode::Taken).into()
    } else {
        error.into()
    }
}
