//! Changes that operators make. Only the grading service changes state, so it is asked to: the same calls as the
//! gateway's, with the same rules. Who asks is said by a session that is opened in the database for one command and ends with
//! it; the trail names the operator. What no service does is recorded here, in the operator's own trail.

use std::time::Duration;

use chrono::TimeDelta;
use contracts::{Code, PresentServiceToken, Problem};
use domain::audit::Deed;
use domain::session::Lifetime;
use domain::{Caller, Ids, Login, RequestId, Role, SessionToken, Through, User, UserId};
use service::link::Link;
use store::{Database, Tx};
use tonic::metadata::{Ascii, MetadataValue};
use tonic::service::Interceptor;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;
use tonic::{Request, Response, Status};

/// How long a command may take: a purge goes on for as long as there is something. The session ends with the command, or by
/// itself.
const LIFETIME: Lifetime = Lifetime {
    idle: TimeDelta::minutes(10),
    absolute: TimeDelta::hours(12),
};
/// How long one call may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// A channel to the grading service on which an operator asks.
pub type Line = InterceptedService<Channel, Signed>;

/// Why something was not changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nobody may do this with that login.
    #[error("the operator is no administrator with this login")]
    Nobody,
    /// A token has characters that no header can carry.
    #[error("a token cannot be sent")]
    Token,
    /// The grading service said no, or nothing.
    #[error("the grading service answered {}", .0.as_str())]
    Refused(Code),
    /// The database refused.
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl From<Status> for Error {
    fn from(status: Status) -> Self {
        Self::Refused(Problem::from(&status).code)
    }
}

/// The administrator with this login.
pub async fn administrator(database: &Database, login: &str) -> Result<UserId, Error> {
    let login = login.to_owned();
    database
        .transaction("find_operator", move |tx| Ok(caller(tx, &login)?.user))
        .await
}

/// Records that the administrator with this login does this, as part of what `tx` does. The row is the record; the log and
/// the metrics are the services'.
pub fn record(tx: &mut Tx<'_>, login: &str, deed: Deed) -> Result<(), Error> {
    let caller = caller(tx, login)?;
    let _entry = tx.operate(deed, caller, Ids::time_ordered().next())?;
    Ok(())
}

/// The same where nothing else is stored.
pub async fn recorded(database: &Database, login: &str, deed: Deed) -> Result<(), Error> {
    let login = login.to_owned();
    database
        .transaction("record_deed", move |tx| record(tx, &login, deed))
        .await
}

fn caller(tx: &mut Tx<'_>, login: &str) -> Result<Caller, Error> {
    let login = Login::new(login).ok_or(Error::Nobody)?;
    let operator = tx.users().by_login(&login)?;
    let operator = operator.filter(User::is_administrator);
    Ok(Caller {
        user: operator.ok_or(Error::Nobody)?.id,
        role: Role::Admin,
        through: Through::Commands,
    })
}

/// Does `work` as the administrator with this login, and says under which request id it can be found.
pub async fn act<T>(
    database: &Database,
    (link, token): (Link, PresentServiceToken),
    login: &str,
    work: impl AsyncFnOnce(Line) -> Result<Response<T>, Status>,
) -> Result<(T, RequestId), Error> {
    let user = administrator(database, login).await?;
    let session = SessionToken::random();
    let digest = session.digest();
    let request = RequestId::from(uuid::Uuid::from(
        Ids::time_ordered().next::<domain::OperationId>(),
    ));
    let signed = Signed::new(token, &session, &request)?;
    database
        .transaction("open_operator_session", move |tx| {
            tx.sessions().insert(digest, user, Through::Commands, LIFETIME)
        })
        .await?;
    let channel = link.channel(PATIENCE, |endpoint| endpoint.timeout(PATIENCE));
    let done = work(InterceptedService::new(channel, signed)).await;
    let close = database.transaction("close_operator_session", move |tx| tx.sessions().delete(digest));
    // What was done is done; a session that cannot be closed ends by itself.
    let _closed: Result<(), store::Error> = close.await;
    Ok((done?.into_inner(), request))
}

/// Says on each call who asks, and as part of which request.
#[derive(Clone)]
pub struct Signed {
    service: PresentServiceToken,
    session: MetadataValue<Ascii>,
    request: MetadataValue<Ascii>,
}

impl Signed {
    fn new(service: PresentServiceToken, session: &SessionToken, request: &RequestId) -> Result<Self, Error> {
        let value = |text: &str| text.parse().map_err(|_unfit| Error::Token);
        let mut session: MetadataValue<Ascii> = value(&format!("Bearer {}", session.expose()))?;
        session.set_sensitive(true);
        Ok(Self {
            service,
            session,
            request: value(request.as_str())?,
        })
    }
}

impl Interceptor for Signed {
    fn call(&mut self, request: Request<()>) -> Result<Request<()>, Status> {
        let mut request = self.service.call(request)?;
        let metadata = request.metadata_mut();
        metadata.insert("authorization", self.session.clone());
        metadata.insert("x-request-id", self.request.clone());
        Ok(request)
    }
}
