//! Making people, for operators: the API needs an administrator, and the first one comes from here.

use domain::secret::Secret;
use domain::{DisplayName, Ids, Login, PasswordHash, Role, UserId};
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
}

/// Why a person was not made.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Somebody has this login.
    #[error("there is somebody with this login already")]
    LoginTaken,
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

fn insert_or_update(tx: &mut Tx<'_>, user: &User) -> Result<UserId, Error> {
    if let Some(known) = tx.users().by_login(&user.login)? {
        tx.users().set_password_hash(known.id, &user.password_hash)?;
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
        password_hash,
        disabled: false,
    })
}
