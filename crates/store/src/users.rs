//! People with access. Whoever reads a [`User`] holds personal data: it has no `Debug`.

use diesel::prelude::*;
use domain::{DisplayName, Login, PasswordHash, Role, UserId};
use uuid::Uuid;

use crate::columns::Table;
use crate::error::Error;
use crate::schema::users;
use crate::wire::Wire;

/// A person with access.
#[derive(Clone)]
pub struct User {
    /// Their id.
    pub id: UserId,
    /// What they log in with.
    pub login: Login,
    /// What they are shown by.
    pub display_name: DisplayName,
    /// What they are.
    pub role: Role,
    /// Their password's argon2id hash in PHC format.
    pub password_hash: PasswordHash,
    /// Whether they are locked out.
    pub disabled: bool,
}

/// The table of people.
pub struct Users<'a> {
    wire: Wire<'a>,
}

const USERS: Table = Table("users");

#[derive(Queryable, Selectable)]
#[diesel(table_name = users)]
struct Row {
    id: Uuid,
    login: String,
    display_name: String,
    role: String,
    password_hash: String,
    disabled: bool,
}

impl<'a> Users<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Adds a person.
    pub fn insert(&mut self, user: &User) -> Result<(), Error> {
        let row = diesel::insert_into(users::table).values((
            users::id.eq(Uuid::from(user.id)),
            users::login_normalized.eq(user.login.normalized()),
            users::login.eq(user.login.expose()),
            users::display_name.eq(user.display_name.expose()),
            users::role.eq(user.role.as_str()),
            users::password_hash.eq(user.password_hash.expose()),
            users::disabled.eq(user.disabled),
        ));
        self.wire.run(|connection| row.execute(connection)).map(|_one| ())
    }

    /// The person with this login, compared without case.
    pub fn by_login(&mut self, login: &Login) -> Result<Option<User>, Error> {
        let query = users::table
            .filter(users::login_normalized.eq(login.normalized()))
            .select(Row::as_select());
        let row = self.wire.run(|connection| query.first(connection).optional())?;
        row.map(User::try_from).transpose()
    }

    /// The person with this id.
    pub fn get(&mut self, id: UserId) -> Result<Option<User>, Error> {
        let query = users::table.find(Uuid::from(id)).select(Row::as_select());
        let row = self.wire.run(|connection| query.first(connection).optional())?;
        row.map(User::try_from).transpose()
    }

    /// Replaces the hash of a person's password.
    pub fn set_password_hash(&mut self, id: UserId, hash: &PasswordHash) -> Result<(), Error> {
        let update =
            diesel::update(users::table.find(Uuid::from(id))).set(users::password_hash.eq(hash.expose()));
        match self.wire.run(|connection| update.execute(connection))? {
            0 => Err(Error::Stale { table: USERS.0 }),
            _one => Ok(()),
        }
    }

    /// Whether there is anybody.
    pub fn any(&mut self) -> Result<bool, Error> {
        let query = diesel::select(diesel::dsl::exists(users::table.select(users::id)));
        self.wire.run(|connection| query.get_result(connection))
    }
}

impl TryFrom<Row> for User {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.into(),
            login: USERS.some(Login::new(&row.login))?,
            display_name: USERS.some(DisplayName::new(&row.display_name))?,
            role: USERS.parse(&row.role)?,
            password_hash: PasswordHash::restore(&row.password_hash),
            disabled: row.disabled,
        })
    }
}
