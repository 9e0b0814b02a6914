//! People, for operators: the API needs an administrator, and the first one comes from here. Whoever cannot
//! reach the API any more is let in again from here, or shut out.

use chrono::TimeDelta;
use domain::secret::Secret;
use domain::{DisplayName, Ids, InvitationToken, Login, PasswordHash, Role, UserId};
use store::{Constraint, Database, Tx, User};

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

/// Why a person was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Somebody has this login.
    #[error("there is somebody with this login already")]
    LoginTaken,
    /// Nobody has this login.
    #[error("there is nobody with this login")]
    Nobody,
    /// The password could not be hashed.
    #[error("the password could not be hashed")]
    Hash(#[source] domain::password::NotHashed),
    /// The thread that hashes ended early.
    #[error("the password could not be hashed in time")]
    Interrupted,
    /// The database refused.
    #[error("the person could not be stored")]
    Store(#[source] store::Error),
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

/// Makes a person whose login nobody has.
pub async fn add(database: &Database, person: Person) -> Result<UserId, Error> {
    let user = user(person).await?;
    let id = user.id;
    database
        .transaction("add_user", move |tx| {
            tx.users().insert(&user).map_err(Error::from)
        })
        .await?;
    Ok(id)
}

/// Makes a person, or gives the person with this login this password.
pub async fn ensure(database: &Database, person: Person) -> Result<UserId, Error> {
    let user = user(person).await?;
    database
        .transaction("ensure_user", move |tx| insert_or_update(tx, &user))
        .await
}

/// Lets a person in again who was shut out.
pub async fn enable(database: &Database, login: Login) -> Result<UserId, Error> {
    database
        .transaction("enable_user", move |tx| shut(tx, &login, false))
        .await
}

/// Shuts a person out: they are logged out everywhere, and their invitation ends.
pub async fn disable(database: &Database, login: Login) -> Result<UserId, Error> {
    database
        .transaction("disable_user", move |tx| {
            let id = shut(tx, &login, true)?;
            tx.invitations().delete_of(id)?;
            tx.sessions().delete_of(id)?;
            Ok(id)
        })
        .await
}

/// Invites a person to choose a password, and gives the token of the invitation.
pub async fn invite(
    database: &Database,
    login: Login,
    lifetime: TimeDelta,
) -> Result<InvitationToken, Error> {
    let token = InvitationToken::random();
    let digest = token.digest();
    database
        .transaction("invite_user", move |tx| {
            let id = known(tx, &login)?.id;
            tx.invitations()
                .replace(digest, id, lifetime)
                .map_err(Error::from)
        })
        .await?;
    Ok(token)
}

fn shut(tx: &mut Tx<'_>, login: &Login, disabled: bool) -> Result<UserId, Error> {
    let user = known(tx, login)?;
    let id = user.id;
    tx.users().update(&User { disabled, ..user })?;
    Ok(id)
}

/// The person with this login, whom nobody else changes meanwhile.
fn known(tx: &mut Tx<'_>, login: &Login) -> Result<User, Error> {
    let found = tx.users().by_login(login)?.ok_or(Error::Nobody)?;
    tx.users().for_update(&[found.id])?.pop().ok_or(Error::Nobody)
}

fn insert_or_update(tx: &mut Tx<'_>, user: &User) -> Result<UserId, Error> {
    if let Some(known) = tx.users().by_login(&user.login)? {
        if let Some(hash) = &user.password_hash {
            tx.users()
                .set_password(known.id, hash, user.must_change_password)?;
        }
        return Ok(known.id);
    }
    tx.users().insert(user)?;
    Ok(user.id)
}

async fn user(person: Person) -> Result<User, Error> {
    let password = person.password;
    let hash = tokio::task::spawn_blocking(move || PasswordHash::of(&password));
    let password_hash = hash
        .await
        .map_err(|_ended| Error::Interrupted)?
        .map_err(Error::Hash)?;
    Ok(User {
        id: Ids::time_ordered().next(),
        login: person.login,
        display_name: person.display_name,
        role: person.role,
        password_hash: Some(password_hash),
        must_change_password: person.must_change_password,
        disabled: false,
    })
}
