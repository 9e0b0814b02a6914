//! The database before the services start: roles, schema, the people of the demo.

use domain::secret::Secret;
use domain::{DisplayName, Login, Role, UserId};
use store::Database;
use store::bootstrap::Roles;

use crate::Failure;
use crate::dev::Home;
use crate::dev::account::Account;
use crate::stack::Postgres;
use crate::users::{self, Person};

const DATABASE: &str = "korrigo";

/// The URLs of the database, by role.
#[derive(Debug, Clone)]
pub(crate) struct Databases {
    /// Of the grading service.
    pub(crate) app: Secret,
    /// Of migrations.
    pub(crate) migrate: Secret,
    /// Of who looks things up.
    pub(crate) read: Secret,
}

/// The people of the demo who are there before the services are.
pub(crate) struct People {
    /// The administrator.
    pub(crate) admin: Account,
    /// The teacher.
    pub(crate) teacher: Account,
    /// The teacher's id.
    pub(crate) teacher_id: UserId,
    /// A second teacher.
    pub(crate) colleague: Account,
    /// The second teacher's id.
    pub(crate) colleague_id: UserId,
}

/// Makes roles and database and brings the schema up to date. It blocks.
pub(crate) fn database(home: &Home, postgres: &Postgres) -> Result<Databases, Failure> {
    let roles = Roles {
        database: DATABASE.to_owned(),
        migrate_password: home.secret("database-migrate")?,
        app_password: home.secret("database-app")?,
        read_password: home.secret("database-read")?,
    };
    let url = |role, password: &Secret| Secret::new(&postgres.url(role, password.expose(), DATABASE));
    let databases = Databases {
        app: url("korrigo_app", &roles.app_password),
        migrate: url("korrigo_migrate", &roles.migrate_password),
        read: url("korrigo_read", &roles.read_password),
    };
    let failed = |error| {
        let log = postgres.log();
        Failure::new(
            error,
            format!(
                "read {}; `make clean-dev` starts over with an empty database",
                log.display()
            ),
        )
    };
    let superuser = Secret::new(&postgres.superuser_url("postgres"));
    store::bootstrap::bootstrap(&superuser, &roles).map_err(failed)?;
    store::migrations::up(&databases.migrate).map_err(failed)?;
    Ok(databases)
}

/// Makes the people of the demo, or gives them their passwords back.
pub(crate) async fn people(home: &Home, databases: &Databases) -> Result<People, Failure> {
    let database = Database::connect(store::Config::new(databases.app.clone())).await;
    let database = database.map_err(|error| Failure::new(error, "`make clean-dev` starts over"))?;
    let admin = Account {
        login: "admin@korrigo.example",
        password: home.password("admin")?,
    };
    let teacher = Account {
        login: "teacher@korrigo.example",
        password: home.password("teacher")?,
    };
    ensure(&database, &admin, "Ada Mock-Admin", Role::Admin).await?;
    let teacher_id = ensure(&database, &teacher, "Tom Mock-Teacher", Role::Teacher).await?;
    let colleague = Account {
        login: "colleague@korrigo.example",
        password: home.password("colleague")?,
    };
    let colleague_id = ensure(&database, &colleague, "Uma Mock-Colleague", Role::Teacher).await?;
    Ok(People {
        admin,
        teacher,
        teacher_id,
        colleague,
        colleague_id,
    })
}

async fn ensure(database: &Database, account: &Account, name: &str, role: Role) -> Result<UserId, Failure> {
    let login = Login::new(account.login);
    let (Some(login), Some(display_name)) = (login, DisplayName::new(name)) else {
        return Err(Failure::new(
            "a person of the demo has an impossible name",
            "report it",
        ));
    };
    let person = Person {
        login,
        display_name,
        role,
        password: account.password.clone(),
        must_change_password: false,
    };
    users::ensure(database, person).await.map_err(Failure::from)
}
