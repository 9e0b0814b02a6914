//! Logging in.

use contracts::{Code, Fields, grading as pb, timestamp};
use domain::secret::Secret;
use domain::throttle::ClientAddress;
use domain::{Login, PasswordHash, SessionToken, Through, Timestamp, User};
use telemetry::events::{SessionOpened, SessionRefused};
use telemetry::metrics::LoginEnd;

use crate::app::App;
use crate::error::Error;
use crate::throttling::Guesser;
use crate::use_cases::current_session::user;

/// Checks login and password and opens a session. The answer takes as long for an unknown login.
pub(crate) async fn run(app: &App, request: pb::OpenSessionRequest) -> Result<pb::OpenSessionReply, Error> {
    let login = Login::new(&request.login);
    let guesser = guesser(app, login.as_ref(), &request.client_address)?;
    let known = find(app, login, guesser.clone()).await?;
    let hash = known.as_ref().and_then(|known| known.password_hash.clone());
    let verified = app
        .passwords
        .verify(Secret::new(&request.password), hash.clone())
        .await?;
    let proven = known.filter(|known| verified && !known.disabled).zip(hash);
    let Some((known, hash)) = proven else {
        guesser.failed(app).await?;
        telemetry::metrics::login_finished(LoginEnd::Refused);
        telemetry::log(SessionRefused {
            reason: telemetry::Code::of(Code::BadCredentials),
        });
        return Err(Code::BadCredentials.into());
    };
    let token = SessionToken::random();
    let expires_at = open(app, &token, &known, hash, guesser).await?;
    telemetry::metrics::login_finished(LoginEnd::Opened);
    telemetry::log(SessionOpened { user_id: known.id });
    Ok(pb::OpenSessionReply {
        token: token.expose().to_owned(),
        expires_at: Some(timestamp(expires_at)),
        user: Some(user(&known)),
    })
}

fn guesser(app: &App, login: Option<&Login>, address: &str) -> Result<Guesser, Error> {
    let mut fields = Fields::default();
    let address: Option<ClientAddress> = fields.parse("/client_address", address);
    let by_address = app
        .throttling
        .of_address(address.ok_or_else(|| fields.problem())?);
    Ok(match login {
        Some(login) => app.throttling.of_login(login).and(by_address),
        None => by_address,
    })
}

async fn find(app: &App, login: Option<Login>, guesser: Guesser) -> Result<Option<User>, Error> {
    app.database
        .transaction("find_login", move |tx| {
            guesser.admit(tx)?;
            match login {
                Some(login) => Ok(tx.users().by_login(&login)?),
                None => Ok(None),
            }
        })
        .await
}

/// Asks again what may have changed while the password was checked: whether too many others have failed
/// meanwhile, and whether the person is disabled or has another password.
async fn open(
    app: &App,
    token: &SessionToken,
    known: &User,
    hash: PasswordHash,
    guesser: Guesser,
) -> Result<Timestamp, Error> {
    let (digest, lifetime, id) = (token.digest(), app.session_lifetime, known.id);
    app.database
        .transaction("open_session", move |tx| {
            guesser.admit(tx)?;
            let now = tx.users().for_share(id)?.filter(|user| !user.disabled);
            let unchanged = now
                .and_then(|user| user.password_hash)
                .filter(|now| now.is(&hash));
            if unchanged.is_none() {
                return Err(Code::BadCredentials.into());
            }
            guesser.succeeded(tx)?;
            Ok(tx.sessions().insert(digest, id, Through::Api, lifetime)?)
        })
        .await
}
