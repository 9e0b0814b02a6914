//! People, for operators: the API needs an administrator, and the first one comes from here. Whoever cannot
//! reach the API any more is let in again from here, or shut out.
//!
//! What changes is decided by the rules that the API has, and written with its event. An administrator answers for it, by
//! name. Only where there is none yet, or none any more, the person answers who is concerned.

use chrono::TimeDelta;
use domain::audit::Actor;
use domain::secret::Secret;
use domain::user::{AccountChange, By, Change, Invite, NotYourself};
use domain::{Caller, DisplayName, Ids, InvitationToken, Login, PasswordHash, Role, Through, User, UserId};
use store::{Constraint, Database, Tx};

/// A person to be made.
pub struct Person {
    /// What they log in with.
    pub login: Login,
    /// What they are shown by.
    pub display_name: DisplayName,
    /// What they are.
    pub role: Role,
    /// Their password, which only its hash is kept of.
    pub password: Secret,
    /// Whether the password is only for their first login.
    pub must_change_password: bool,
}

/// Why a person was not made or changed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Somebody has this login.
    #[error("there is somebody with this login already")]
    LoginTaken,
    /// Nobody has this login.
    #[error("there is nobody with this login")]
    Nobody,
    /// There are administrators, and none is said to do it.
    #[error("nobody answers for this change, and there are administrators")]
    NoOperator,
    /// Who is said to do it may not.
    #[error("the operator is no administrator with this login")]
    NotAdministrator,
    /// Nobody shuts themselves out.
    #[error("operators do not shut themselves out")]
    Yourself,
    /// The password could not be hashed.
    #[error("the password could not be hashed")]
    Hash(#[source] domain::password::NotHashed),
    /// The thread that hashes ended early.
    #[error("the password could not be hashed in time")]
    Interrupted,
    /// The database refused.
    #[error(transparent)]
    Store(store::Error),
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        let constraint = Constraint::DuplicateLogin;
        if error == (store::Error::Conflict { constraint }) {
            Self::LoginTaken
        } else {
            Self::Store(error)
        }
    }
}

impl From<NotYourself> for Error {
    fn from(_refused: NotYourself) -> Self {
        Self::Yourself
    }
}

/// Makes a person whose login nobody has.
pub async fn add(database: &Database, operator: Option<Login>, person: Person) -> Result<UserId, Error> {
    let user = user(person).await?;
    database
        .transaction("add_user", move |tx| {
            let by = answers(tx, operator.as_ref(), user.id)?.by();
            record(tx, &user.add(None, by))
        })
        .await
}

/// Makes a person, or sees to it that the person with this login has this password. They answer for it themselves: it is
/// for people of a private stack, who are all its operator's.
pub async fn ensure(database: &Database, person: Person) -> Result<UserId, Error> {
    let login = person.login.clone();
    let known = database
        .transaction("find_user", move |tx| tx.users().by_login(&login))
        .await?;
    let Some(known) = known else {
        let user = user(person).await?;
        return database
            .transaction("add_user", move |tx| {
                let by = Operator(user.id).by();
                record(tx, &user.add(None, by))
            })
            .await;
    };
    if let Some(hash) = known.password_hash {
        let password = person.password.clone();
        if blocking(move || hash.matches(&password)).await? {
            return Ok(known.id);
        }
    }
    let (id, must_change) = (known.id, person.must_change_password);
    let hash = hashed(person.password).await?;
    database
        .transaction("give_password", move |tx| {
            let by = Operator(id).by();
            record(tx, &AccountChange::give_password(id, hash, must_change, by))
        })
        .await
}

/// Lets a person in again who was shut out.
pub async fn enable(database: &Database, operator: Option<Login>, login: Login) -> Result<UserId, Error> {
    database
        .transaction("enable_user", move |tx| {
            shut(tx, operator.as_ref(), &login, false)
        })
        .await
}

/// Shuts a person out: they are logged out everywhere, and their invitation ends.
pub async fn disable(database: &Database, operator: Option<Login>, login: Login) -> Result<UserId, Error> {
    database
        .transaction("disable_user", move |tx| {
            shut(tx, operator.as_ref(), &login, true)
        })
        .await
}

/// Invites a person to choose a password, and gives their id and the token of the invitation.
pub async fn invite(
    database: &Database,
    operator: Option<Login>,
    login: Login,
    lifetime: TimeDelta,
) -> Result<(UserId, InvitationToken), Error> {
    let token = InvitationToken::random();
    let invite = Invite {
        token: token.digest(),
        lifetime,
    };
    let id = database
        .transaction("invite_user", move |tx| {
            let (person, operator) = known(tx, operator.as_ref(), &login)?;
            record(tx, &AccountChange::invite(person.id, invite, operator.by()))
        })
        .await?;
    Ok((id, token))
}

fn shut(tx: &mut Tx<'_>, operator: Option<&Login>, login: &Login, disabled: bool) -> Result<UserId, Error> {
    let named = operator.is_some();
    let (person, operator) = known(tx, operator, login)?;
    let change = Change {
        disabled: Some(disabled),
        ..Change::default()
    };
    // Where nobody is left who could answer for it, nobody is left either who could be kept.
    if named {
        change.check(operator.caller(), person.id)?;
    }
    record(tx, &person.change(change, operator.by()))
}

/// Stores it with its event. The row is the record; the log and the metrics are the services'.
fn record(tx: &mut Tx<'_>, change: &AccountChange) -> Result<UserId, Error> {
    Ok(tx.change_account(change)?.id)
}

/// Who answers for a change.
#[derive(Clone, Copy)]
struct Operator(UserId);

impl Operator {
    fn by(self) -> By {
        By {
            actor: Actor::Operator(self.0),
            operation: Ids::time_ordered().next(),
        }
    }

    fn caller(self) -> Caller {
        Caller {
            user: self.0,
            role: Role::Admin,
            through: Through::Commands,
        }
    }
}

/// The administrator with this login. Without one, the person who is concerned, if there is no administrator.
fn answers(tx: &mut Tx<'_>, operator: Option<&Login>, concerned: UserId) -> Result<Operator, Error> {
    let Some(operator) = operator else {
        return if tx.users().any_administrator()? {
            Err(Error::NoOperator)
        } else {
            Ok(Operator(concerned))
        };
    };
    let found = tx.users().by_login(operator)?.ok_or(Error::NotAdministrator)?;
    // Nobody takes it from them meanwhile.
    let found = tx.users().for_share(found.id)?;
    found
        .filter(User::is_administrator)
        .map(|user| Operator(user.id))
        .ok_or(Error::NotAdministrator)
}

/// The person with this login, whom nobody else changes meanwhile, and who answers for what becomes of them.
fn known(tx: &mut Tx<'_>, operator: Option<&Login>, login: &Login) -> Result<(User, Operator), Error> {
    let found = tx.users().by_login(login)?.ok_or(Error::Nobody)?;
    let named = operator.map_or(Ok(None), |operator| tx.users().by_login(operator))?;
    let both: Vec<UserId> = named.iter().map(|user| user.id).chain([found.id]).collect();
    let people = tx.users().for_update(&both)?;
    let operator = answers(tx, operator, found.id)?;
    let person = people.into_iter().find(|user| user.id == found.id);
    Ok((person.ok_or(Error::Nobody)?, operator))
}

async fn user(person: Person) -> Result<User, Error> {
    Ok(User {
        id: Ids::time_ordered().next(),
        login: person.login,
        display_name: person.display_name,
        role: person.role,
        password_hash: Some(hashed(person.password).await?),
        must_change_password: person.must_change_password,
        disabled: false,
    })
}

async fn hashed(password: Secret) -> Result<PasswordHash, Error> {
    blocking(move || PasswordHash::of(&password))
        .await?
        .map_err(Error::Hash)
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_ended| Error::Interrupted)
}
