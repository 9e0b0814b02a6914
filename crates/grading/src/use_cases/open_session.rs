//! Logging in.

use contracts::{Code, grading as pb, timestamp};
use domain::secret::Secret;
use domain::{Login, SessionToken};
use telemetry::events::{SessionOpened, SessionRefused};

use crate::app::App;
use crate::error::Error;
use crate::use_cases::current_session::user;

/// Checks login and password and opens a session. The answer takes as long for an unknown login.
pub(crate) async fn run(app: &App, request: pb::OpenSessionRequest) -> Result<pb::OpenSessionReply, Error> {
    let login = Login::new(&request.login);
    let password = Secret::new(&request.password);
    let known = match login {
        Some(login) => {
            app.database
                .transaction("find_login", move |tx| tx.users().by_login(&login))
                .await?
        }
        None => None,
    };
    let hash = known.as_ref().map(|known| known.password_hash.clone());
    let verified = app.passwords.verify(password, hash).await?;
    let Some(known) = known.filter(|known| verified && !known.disabled) else {
        telemetry::log(SessionRefused {
            reason: telemetry::Code::of(Code::BadCredentials),
        });
        return Err(Code::BadCredentials.into());
    };
    let token = SessionToken::random();
    let (digest, lifetime, id) = (token.digest(), app.session_lifetime, known.id);
    let expires_at = app
        .database
        .transaction("open_session", move |tx| {
            tx.sessions().insert(digest, id, lifetime)
        })
        .await?;
    telemetry::log(SessionOpened { user_id: id });
    Ok(pb::OpenSessionReply {
        token: token.expose().to_owned(),
        expires_at: Some(timestamp(expires_at)),
        user: Some(user(&known)),
    })
}
