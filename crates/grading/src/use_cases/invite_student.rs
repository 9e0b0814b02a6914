//! Giving a pupil access.

use contracts::{Code, FieldCode, Problem, grading as pb};
use domain::access::Relation;
use domain::user::{AccountChange, By, Invite};
use domain::{Ids, Login, Operation, Role, Student, User, UserId};
use store::{ChangedAccount, Tx};
use telemetry::events::StudentInvited;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;
use crate::use_cases::create_user::taken;
use crate::use_cases::{get_student, get_user, invite_user};

/// The pupil's access with an invitation, which ends the one before. Who has none yet gets one.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::InviteStudentRequest,
) -> Result<pb::InviteStudentReply, Error> {
    let (ids, operation) = (app.ids.clone(), app.ids.next());
    let (token, invite) = invite_user::new(app);
    let (student_id, changed, reply) = app
        .database
        .transaction("invite_student", move |tx| {
            let caller = session.caller(tx)?;
            authorization::check(caller, Operation::ManageStudents, Relation::Stranger)?;
            let id = get_student::parse(&request.id)?;
            let student = tx.students().for_update(id)?.ok_or(Code::NotFound)?;
            let actor = caller.actor();
            let with = (invite, By { actor, operation });
            let changed = match student.user {
                Some(user) => again(tx, user, &request.login, with)?,
                None => join(tx, &student, pupil(&student, &request.login, &ids)?, with)?,
            };
            let reply = pb::InviteStudentReply {
                invitation: Some(invite_user::invitation(&token, changed)),
                user: Some(get_user::read(tx, changed.id)?),
            };
            Ok::<_, Error>((id, changed, reply))
        })
        .await?;
    recorded::publish(changed.entry);
    telemetry::log(StudentInvited {
        student_id,
        account_id: changed.id,
    });
    Ok(reply)
}

/// The access that a pupil has. Whoever names another login is told, and not obeyed: they may mean somebody else.
fn again(
    tx: &mut Tx<'_>,
    user: UserId,
    login: &str,
    (invite, by): (Invite, By),
) -> Result<ChangedAccount, Error> {
    let found = tx.users().for_update(&[user])?.pop().ok_or(Code::NotFound)?;
    let same = Login::new(login).is_some_and(|login| login.normalized() == found.login.normalized());
    if login.is_empty() || same {
        Ok(tx.change_account(&AccountChange::invite(user, invite, by))?)
    } else {
        Err(Problem::field("/login", FieldCode::UnknownReference).into())
    }
}

/// The pupil as somebody with access.
fn pupil(student: &Student, login: &str, ids: &Ids) -> Result<User, Error> {
    let code = if login.is_empty() {
        FieldCode::Required
    } else {
        FieldCode::Malformed
    };
    let login = Login::new(login).ok_or_else(|| Problem::field("/login", code))?;
    Ok(User {
        id: ids.next(),
        login,
        display_name: student.particulars.display_name().ok_or(Code::Internal)?,
        role: Role::Student,
        password_hash: None,
        must_change_password: false,
        disabled: false,
    })
}

fn join(
    tx: &mut Tx<'_>,
    student: &Student,
    user: User,
    (invite, by): (Invite, By),
) -> Result<ChangedAccount, Error> {
    let changed = tx.change_account(&user.add(Some(invite), by)).map_err(taken)?;
    tx.students().set_user(student.id, changed.id)?;
    Ok(changed)
}
