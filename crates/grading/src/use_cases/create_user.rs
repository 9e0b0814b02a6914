//! Making a person.

use contracts::{FieldCode, Fields, Problem, grading as pb};
use domain::access::Relation;
use domain::{DisplayName, Ids, Login, Operation, Role};
use store::{Constraint, User};
use telemetry::events::UserCreated;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;
use crate::use_cases::{get_user, invite_user};

/// Stores a person without a password, and the invitation by which they choose one.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::CreateUserRequest,
) -> Result<pb::CreateUserReply, Error> {
    let (ids, lifetime) = (app.ids.clone(), app.invitation_lifetime);
    let (id, role, reply) = app
        .database
        .transaction("create_user", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::ManageUsers, Relation::Stranger)?;
            let user = parse(&request, &ids)?;
            tx.users().insert(&user).map_err(taken)?;
            let reply = pb::CreateUserReply {
                invitation: Some(invite_user::invite(tx, user.id, lifetime)?),
                user: Some(get_user::read(tx, user.id)?),
            };
            Ok::<_, Error>((user.id, user.role, reply))
        })
        .await?;
    telemetry::log(UserCreated { account_id: id, role });
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
