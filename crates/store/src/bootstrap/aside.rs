//! The way to an empty database beside one that is spoilt: it gets another name, and nothing in it is changed. It is evidence.

use diesel::PgConnection;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Double, Nullable, Oid, Text};
use domain::secret::Secret;

use super::catalogue::pg_database;
use super::{alone, as_one_of_the_owners, database, plain};
use crate::error::Error;

/// How often it is looked whether somebody is connected, and how many seconds later again: the server takes a moment to notice
/// that a service has ended.
const LOOKS: u8 = 10;
const PAUSE: f64 = 0.2;

/// What has to be known before. The name says when by the clock of the server, in what is left of the 63 bytes that a name has.
const LOOK: &str = r#"
    SELECT current_database() = $1 AS within,
        (SELECT rolsuper OR rolcreaterole AND rolcreatedb FROM pg_roles WHERE rolname = current_user) AS may,
        (SELECT count(*) = 4 FROM pg_roles
            WHERE rolname IN ('korrigo_owner', 'korrigo_migrate', 'korrigo_app', 'korrigo_read')) AS roles,
        (SELECT oid FROM pg_database WHERE datname = $1) AS oid,
        (SELECT max(datname::text) FROM pg_database
            WHERE datname ~ ('^' || left($1, 41) || '_aside_[0-9]{8}_[0-9]{6}$')) AS before,
        left($1, 41) || to_char(clock_timestamp() AT TIME ZONE 'UTC', '"_aside_"YYYYMMDD_HH24MISS') AS name"#;

/// Who is connected. What the server itself does there it ends by itself.
const CONNECTED: &str =
    "SELECT count(*) AS connections FROM pg_stat_activity WHERE datname = $1 AND usesysid IS NOT NULL";

/// A database that can be set aside. Whoever comes by the same database of the server waits while the value lives; whoever
/// comes by another may be first.
pub struct Aside {
    admin: PgConnection,
    database: String,
    name: String,
    /// Which it is on the server, whatever it is called; `None` if there is none.
    oid: Option<u32>,
}

/// Why a database cannot be set aside.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAside {
    /// Somebody works with it.
    #[error("{connections} connections to the database are still there")]
    InUse {
        /// How many do.
        connections: i64,
    },
    /// Another has its name by now: somebody else was first.
    #[error("the database is not the one any more that was looked at")]
    Replaced,
    /// There is none of this name, and none that was set aside.
    #[error("there is no such database")]
    NoDatabase,
    /// Nobody would own the new one.
    #[error("the roles are not there")]
    NoRoles,
    /// The role is none that makes databases.
    #[error("the role may not create roles and databases")]
    Denied,
    /// Nobody can rename the database that they are in.
    #[error("the URL leads into the database that is to be set aside")]
    Within,
    /// The server refused.
    #[error("the database server could not be used")]
    Server(#[from] Error),
}

#[derive(QueryableByName)]
struct Seen {
    #[diesel(sql_type = Bool)]
    within: bool,
    #[diesel(sql_type = Bool)]
    may: bool,
    #[diesel(sql_type = Bool)]
    roles: bool,
    #[diesel(sql_type = Nullable<Oid>)]
    oid: Option<u32>,
    #[diesel(sql_type = Nullable<Text>)]
    before: Option<String>,
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Connected {
    #[diesel(sql_type = BigInt)]
    connections: i64,
}

impl Aside {
    /// Looks whether it can be done, and changes nothing. Needs what [`bootstrap`](super::bootstrap) needs, by a URL that
    /// leads into another database of the server.
    ///
    /// A database that is gone, with one that was set aside, was left so by who was interrupted: the empty one is made.
    pub fn plan(admin_url: &Secret, database: &str) -> Result<Self, NotAside> {
        let database = plain(database)?.to_owned();
        let mut admin = alone(admin_url)?;
        let look = sql_query(LOOK).bind::<Text, _>(&database);
        let seen: Seen = look.get_result(&mut admin).map_err(Error::from)?;
        let name = match seen {
            Seen { within: true, .. } => return Err(NotAside::Within),
            Seen { may: false, .. } => return Err(NotAside::Denied),
            Seen { roles: false, .. } => return Err(NotAside::NoRoles),
            Seen {
                oid: Some(_), name, ..
            } => {
                require_unused(&mut admin, &database)?;
                name
            }
            Seen { before, .. } => before.ok_or(NotAside::NoDatabase)?,
        };
        Ok(Self {
            admin,
            database,
            name,
            oid: seen.oid,
        })
    }

    /// Under which name it is kept, or the last one before it, if it was [begun](Self::was_begun).
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether there is none any more, so that only the empty one is to be made.
    #[must_use]
    pub fn was_begun(&self) -> bool {
        self.oid.is_none()
    }

    /// Does it. Services cannot connect to what is kept any more; superusers can, and who may become its owner.
    pub fn carry_out(self) -> Result<(), NotAside> {
        let Self {
            mut admin,
            database: old,
            name,
            oid,
        } = self;
        let mut is_ours = oid.is_none();
        let done = as_one_of_the_owners(&mut admin, |admin| {
            if let Some(oid) = oid {
                // All or nothing: what is sent at once is one transaction. Nobody else renames it before that has ended.
                admin.batch_execute(&format!(
                    "ALTER DATABASE {old} RENAME TO {name};
                     DO $$ BEGIN
                         IF (SELECT oid FROM pg_database WHERE datname = '{name}') <> {oid} THEN
                             RAISE EXCEPTION 'it is another';
                         END IF;
                     END $$;
                     REVOKE CONNECT ON DATABASE {name} FROM PUBLIC, korrigo_app, korrigo_read;
                     GRANT CONNECT ON DATABASE {name} TO korrigo_migrate"
                ))?;
                is_ours = true;
            }
            database(admin, &old)
        });
        done.map_err(
            |error| match (oid_of(&mut admin, &old), connected(&mut admin, &old)) {
                (Ok(now), _) if !is_ours && now != oid => NotAside::Replaced,
                // Somebody came back in the last moment.
                (_, Ok(connections)) if connections > 0 => NotAside::InUse { connections },
                (_, _) => NotAside::Server(error),
            },
        )
    }
}

fn require_unused(admin: &mut PgConnection, database: &str) -> Result<(), NotAside> {
    let mut connections = connected(admin, database)?;
    for _ in 1..LOOKS {
        if connections == 0 {
            break;
        }
        let pause = sql_query("SELECT pg_sleep($1)").bind::<Double, _>(PAUSE);
        pause.execute(admin).map_err(Error::from)?;
        connections = connected(admin, database)?;
    }
    if connections == 0 {
        Ok(())
    } else {
        Err(NotAside::InUse { connections })
    }
}

fn oid_of(admin: &mut PgConnection, database: &str) -> Result<Option<u32>, Error> {
    let named = pg_database::table.filter(pg_database::datname.eq(database));
    Ok(named.select(pg_database::oid).first(admin).optional()?)
}

fn connected(admin: &mut PgConnection, database: &str) -> Result<i64, Error> {
    let query = sql_query(CONNECTED).bind::<Text, _>(database);
    let row: Connected = query.get_result(admin)?;
    Ok(row.connections)
}
