//! People with access. Whoever reads a [`User`] holds personal data: it has no `Debug`. How people change is written
//! through [`Tx::change_account`](crate::Tx::change_account).

use diesel::prelude::*;
use domain::{DisplayName, Login, PasswordHash, Role, Timestamp, User, UserId};
use uuid::Uuid;

use crate::columns::Table;
use crate::error::Error;
use crate::listing::{Listing, with_one_more};
use crate::schema::users;
use crate::wire::Wire;

/// A person, and since when there is an account of them.
#[derive(Clone)]
pub struct UserView {
    /// The person.
    pub user: User,
    /// When they were added.
    pub created_at: Timestamp,
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
    password_hash: Option<String>,
    must_change_password: bool,
    disabled: bool,
    created_at: Timestamp,
}

impl<'a> Users<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Adds a person.
    pub(crate) fn insert(&mut self, user: &User) -> Result<(), Error> {
        let row = diesel::insert_into(users::table).values((
            users::id.eq(Uuid::from(user.id)),
            users::login_normalized.eq(user.login.normalized()),
            users::login.eq(user.login.expose()),
            users::display_name.eq(user.display_name.expose()),
            users::role.eq(user.role.as_str()),
            users::password_hash.eq(user.password_hash.as_ref().map(PasswordHash::expose)),
            users::must_change_password.eq(user.must_change_password),
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
        Ok(self.view(id)?.map(|view| view.user))
    }

    /// The person with this id, and since when there is an account of them.
    pub fn view(&mut self, id: UserId) -> Result<Option<UserView>, Error> {
        let query = users::table.find(Uuid::from(id)).select(Row::as_select());
        let row = self.wire.run(|connection| query.first(connection).optional())?;
        row.map(UserView::try_from).transpose()
    }

    /// The person with this id, who stays as they are until the transaction ends.
    pub fn for_share(&mut self, id: UserId) -> Result<Option<User>, Error> {
        let query = users::table
            .find(Uuid::from(id))
            .select(Row::as_select())
            .for_share();
        let row = self.wire.run(|connection| query.first(connection).optional())?;
        row.map(User::try_from).transpose()
    }

    /// These people, whom nobody else changes until the transaction ends. They are locked in the order of
    /// their ids, so that two administrators who change each other do not wait for ever.
    pub fn for_update(&mut self, ids: &[UserId]) -> Result<Vec<User>, Error> {
        let ids = ids.iter().copied().map(Uuid::from);
        let query = users::table
            .filter(users::id.eq_any(ids))
            .order(users::id)
            .select(Row::as_select())
            .for_no_key_update();
        let rows: Vec<Row> = self.wire.run(|connection| query.load(connection))?;
        rows.into_iter().map(User::try_from).collect()
    }

    /// Those of these people who are `role`.
    pub fn who_are(&mut self, role: Role, among: &[UserId]) -> Result<Vec<UserId>, Error> {
        let among = among.iter().copied().map(Uuid::from);
        let query = users::table
            .filter(users::id.eq_any(among))
            .filter(users::role.eq(role.as_str()))
            .select(users::id);
        let ids: Vec<Uuid> = self.wire.run(|connection| query.load(connection))?;
        Ok(ids.into_iter().map(UserId::from).collect())
    }

    /// People from `after` on; only those who are `role`, if it is given.
    pub fn page(
        &mut self,
        role: Option<Role>,
        after: Option<UserId>,
        limit: u16,
    ) -> Result<Listing<UserView, UserId>, Error> {
        let mut query = users::table
            .select(Row::as_select())
            .order(users::id)
            .limit(with_one_more(limit))
            .into_boxed();
        if let Some(after) = after {
            query = query.filter(users::id.gt(Uuid::from(after)));
        }
        if let Some(role) = role {
            query = query.filter(users::role.eq(role.as_str()));
        }
        let rows: Vec<Row> = self.wire.run(|connection| query.load(connection))?;
        let views: Result<Vec<UserView>, Error> = rows.into_iter().map(UserView::try_from).collect();
        Ok(Listing::of(views?, limit, |view| view.user.id))
    }

    /// Stores what administrators change of a person.
    pub(crate) fn update(&mut self, user: &User) -> Result<(), Error> {
        let update = diesel::update(users::table.find(Uuid::from(user.id))).set((
            users::display_name.eq(user.display_name.expose()),
            users::role.eq(user.role.as_str()),
            users::disabled.eq(user.disabled),
        ));
        found(self.wire.run(|connection| update.execute(connection))?)
    }

    /// Gives a person this password. `must_change` says that somebody else knows it.
    pub(crate) fn set_password(
        &mut self,
        id: UserId,
        hash: &PasswordHash,
        must_change: bool,
    ) -> Result<(), Error> {
        let update = diesel::update(users::table.find(Uuid::from(id))).set((
            users::password_hash.eq(hash.expose()),
            users::must_change_password.eq(must_change),
        ));
        found(self.wire.run(|connection| update.execute(connection))?)
    }

    /// Forgets who a person is. The account stays, closed, for what refers to its id.
    pub(crate) fn forget(&mut self, id: UserId) -> Result<(), Error> {
        let nobody = format!("erased-{id}");
        let update = diesel::update(users::table.find(Uuid::from(id))).set((
            users::login.eq(&nobody),
            users::login_normalized.eq(&nobody),
            users::display_name.eq("-"),
            users::password_hash.eq(None::<&str>),
            users::disabled.eq(true),
        ));
        found(self.wire.run(|connection| update.execute(connection))?)
    }

    /// Whether there is an administrator who is not locked out.
    pub fn any_administrator(&mut self) -> Result<bool, Error> {
        let administrators = users::table
            .filter(users::role.eq(Role::Admin.as_str()))
            .filter(users::disabled.eq(false))
            .select(users::id);
        let query = diesel::select(diesel::dsl::exists(administrators));
        self.wire.run(|connection| query.get_result(connection))
    }
}

fn found(rows: usize) -> Result<(), Error> {
    match rows {
        0 => Err(Error::Stale { table: USERS.0 }),
        _one => Ok(()),
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
            password_hash: row.password_hash.as_deref().map(PasswordHash::restore),
            must_change_password: row.must_change_password,
            disabled: row.disabled,
        })
    }
}

impl TryFrom<Row> for UserView {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            created_at: row.created_at,
            user: row.try_into()?,
        })
    }
}
