//! Giving a pupil access.

use contracts::{Code, FieldCode, Problem, grading as pb};
use domain::access::Relation;
use domain::{Ids, Login, Operation, Role, Student, UserId};
use store::{Tx, User};
use telemetry::events::StudentInvited;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;
use crate::use_cases::create_user::taken;
use crate::use_cases::{get_student, get_user, invite_user};

/// The pupil's access with an invitation, which ends the one before. Who has none yet gets one.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::InviteStudentRequest,
) -> Result<pb::InviteStudentReply, Error> {
    let (ids, lifetime) = (app.ids.clone(), app.invitation_lifetime);
    let (student_id, account_id, reply) = app
        .database
        .transaction("invite_student", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::ManageStudents, Relation::Stranger)?;
            let id = get_student::parse(&request.id)?;
            let student = tx.students().for_update(id)?.ok_or(Code::NotFound)?;
            let user = match student.user {
                Some(user) => has_login(tx, user, &request.login)?,
                None => join(tx, &student, &request.login, &ids)?,
            };
            let reply = pb::InviteStudentReply {
                invitation: Some(invite_user::invite(tx, user, lifetime)?),
                user: Some(get_user::read(tx, user)?),
            };
            Ok::<_, Error>((id, user, reply))
        })
        .await?;
    telemetry::log(StudentInvited {
        student_id,
        account_id,
    });
    Ok(reply)
}

/// The access that a pupil has. Whoever names another login is told, and not obeyed: they may mean somebody else.
fn has_login(tx: &mut Tx<'_>, user: UserId, login: &str) -> Result<UserId, Error> {
    let found = tx.users().for_update(&[user])?.pop().ok_or(Code::NotFound)?;
    let same = Login::new(login).is_some_and(|login| login.normalized() == found.login.normalized());
    if login.is_empty() || same {
        Ok(user)
    } else {
        Err(Problem::field("/login", FieldCode::UnknownReference).into())
    }
}

fn join(tx: &mut Tx<'_>, student: &Student, login: &str, ids: &Ids) -> Result<UserId, Error> {
    let code = if login.is_empty() {
        FieldCode::Required
    } else {
        FieldCode::Malformed
    };
    let login = Login::new(login).ok_or_else(|| Problem::field("/login", code))?;
    let user = User {
        id: ids.next(),
        login,
        display_name: student.particulars.display_name().ok_or(Code::Internal)?,
        role: Role::Student,
        password_hash: None,
        must_change_password: false,
        disabled: false,
    };
    tx.users().insert(&user).map_err(taken)?;
    tx.students().set_user(student.id, user.id)?;
    Ok(user.id)
}
