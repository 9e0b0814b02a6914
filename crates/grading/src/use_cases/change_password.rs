//! Changing one's password.

use contracts::{Code, FieldCode, Problem, grading as pb};
use domain::audit::PasswordHow;
use domain::secret::Secret;
use domain::user::{AccountChange, By};
use domain::{NewPassword, User};
use telemetry::events::{PasswordChanged, SessionRefused};

use crate::app::App;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;

/// Checks the current password, stores the new one and ends every session of the caller, also this one.
/// A wrong current password is a failed guess like any other.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::ChangePasswordRequest,
) -> Result<pb::ChangePasswordReply, Error> {
    let user = find(app, session.clone()).await?;
    let guesser = app.throttling.of_login(&user.login);
    let current = Secret::new(&request.current);
    let verified = app.passwords.verify(current, user.password_hash.clone()).await?;
    let Some(proven) = user.password_hash.clone().filter(|_hash| verified) else {
        guesser.failed(app).await?;
        telemetry::log(SessionRefused {
            reason: telemetry::Code::of(Code::BadCredentials),
        });
        return Err(Code::BadCredentials.into());
    };
    let new = app.passwords.hash(parse(&request, &user)?).await?;
    let (id, operation) = (user.id, app.ids.next());
    let changed = app
        .database
        .transaction("change_password", move |tx| {
            let actor = session.caller(tx)?.actor();
            // Others may have failed while this was checked.
            guesser.admit(tx)?;
            let now = tx
                .users()
                .for_update(&[id])?
                .pop()
                .and_then(|user| user.password_hash);
            if now.is_none_or(|now| !now.is(&proven)) {
                return Err(Code::BadCredentials.into());
            }
            guesser.succeeded(tx)?;
            let by = By { actor, operation };
            let chosen = AccountChange::choose_password(id, new, PasswordHow::Own, by);
            Ok::<_, Error>(tx.change_account(&chosen)?)
        })
        .await?;
    recorded::publish(changed.entry);
    telemetry::log(PasswordChanged {
        user_id: id,
        sessions: changed.sessions,
    });
    Ok(pb::ChangePasswordReply {})
}

async fn find(app: &App, session: Session) -> Result<User, Error> {
    let throttling = app.throttling.clone();
    app.database
        .transaction("find_password", move |tx| {
            let caller = session.caller(tx)?;
            let user = tx.users().get(caller.user)?.ok_or(Code::Unauthenticated)?;
            throttling.of_login(&user.login).admit(tx)?;
            Ok(user)
        })
        .await
}

fn parse(request: &pb::ChangePasswordRequest, user: &User) -> Result<NewPassword, Problem> {
    if request.new == request.current {
        return Err(Problem::field("/new", FieldCode::Unchanged));
    }
    NewPassword::chosen(&request.new, &user.login, &user.display_name)
        .map_err(|weakness| Problem::field("/new", weakness.into()))
}
