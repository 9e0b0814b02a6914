//! Roles and the database itself: what has to be there before the first migration. Needs a superuser, or a
//! role that may create roles and databases. Doing it again changes nothing but the passwords.
//!
//! A database whose trail is spoilt is set aside in the same way: see [`Aside`].

mod aside;

use diesel::PgConnection;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Text};
use domain::secret::Secret;

use crate::error::Error;
use crate::migrations::connect;
use catalogue::pg_database;

pub use aside::{Aside, NotAside};

/// Names and passwords of an installation.
#[derive(Debug, Clone)]
pub struct Roles {
    /// The name of the database: lower-case letters, digits and `_`.
    pub database: String,
    /// The password of `korrigo_migrate`.
    pub migrate_password: Secret,
    /// The password of `korrigo_app`.
    pub app_password: Secret,
    /// The password of `korrigo_read`.
    pub read_password: Secret,
}

/// Makes the roles and the database, or brings them up to date.
pub fn bootstrap(admin_url: &Secret, roles: &Roles) -> Result<(), Error> {
    let name = plain(&roles.database)?;
    let mut admin = alone(admin_url)?;
    admin.batch_execute(ROLES)?;
    if is_superuser(&mut admin)? {
        admin.batch_execute(LOG_SETTINGS)?;
    }
    as_one_of_the_owners(&mut admin, |admin| {
        set_passwords(admin, roles)?;
        database(admin, name)
    })
}

/// A connection to the server. Two at once would meet in the catalogue: those that come by the same database take turns,
/// since that is how far the lock of a server reaches. It goes with the connection.
fn alone(admin_url: &Secret) -> Result<PgConnection, Error> {
    let mut admin = connect(admin_url)?;
    admin.batch_execute("SELECT pg_advisory_lock(hashtextextended('korrigo.bootstrap', 0))")?;
    Ok(admin)
}

/// Whoever gives a database to a role has to be a member of it, or a superuser.
fn as_one_of_the_owners(
    admin: &mut PgConnection,
    work: impl FnOnce(&mut PgConnection) -> Result<(), Error>,
) -> Result<(), Error> {
    if is_superuser(admin)? {
        return work(admin);
    }
    admin.batch_execute("GRANT korrigo_owner TO CURRENT_USER")?;
    let worked = work(admin);
    let left = admin.batch_execute("REVOKE korrigo_owner FROM CURRENT_USER");
    worked.and(left.map_err(Error::from))
}

/// A name that needs no quotes: it stands in statements that take no bound values.
fn plain(name: &str) -> Result<&str, Error> {
    let letters = name
        .bytes()
        .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    let begins = name.starts_with(|first: char| first.is_ascii_lowercase());
    if letters && begins && name.len() < 64 {
        Ok(name)
    } else {
        Err(Error::Refused {
            rule: "database_name",
        })
    }
}

fn set_passwords(admin: &mut PgConnection, roles: &Roles) -> Result<(), Error> {
    for (role, password) in [
        ("korrigo_migrate", &roles.migrate_password),
        ("korrigo_app", &roles.app_password),
        ("korrigo_read", &roles.read_password),
    ] {
        set_password(admin, role, password)?;
    }
    Ok(())
}

const ROLES: &str = "
DO $$
DECLARE
    login text;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'korrigo_owner') THEN
        CREATE ROLE korrigo_owner NOLOGIN;
    END IF;
    FOREACH login IN ARRAY ARRAY['korrigo_migrate', 'korrigo_app', 'korrigo_read'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = login) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', login);
        END IF;
        EXECUTE format('ALTER ROLE %I SET search_path = grading', login);
    END LOOP;
    -- Whoever migrates becomes the owner by SET ROLE, and only then.
    GRANT korrigo_owner TO korrigo_migrate;
    ALTER ROLE korrigo_app SET statement_timeout = '30s';
    ALTER ROLE korrigo_app SET lock_timeout = '10s';
    ALTER ROLE korrigo_app SET idle_in_transaction_session_timeout = '60s';
    ALTER ROLE korrigo_read SET default_transaction_read_only = on;
    ALTER ROLE korrigo_read SET statement_timeout = '30s';
    ALTER ROLE korrigo_read SET lock_timeout = '10s';
    ALTER ROLE korrigo_read SET idle_in_transaction_session_timeout = '60s';
END
$$";

/// Statements and values of rows stay out of the server's log, and its messages are in the language in which
/// errors are told apart. Only a superuser may set this; elsewhere it is the server's own configuration.
const LOG_SETTINGS: &str = "
DO $$
DECLARE
    login text;
BEGIN
    FOREACH login IN ARRAY ARRAY['korrigo_migrate', 'korrigo_app', 'korrigo_read'] LOOP
        EXECUTE format('ALTER ROLE %I SET log_min_error_statement = panic', login);
        EXECUTE format('ALTER ROLE %I SET log_error_verbosity = terse', login);
        EXECUTE format('ALTER ROLE %I SET log_parameter_max_length_on_error = 0', login);
        EXECUTE format('ALTER ROLE %I SET lc_messages = %L', login, 'C');
    END LOOP;
END
$$";

fn is_superuser(admin: &mut PgConnection) -> Result<bool, Error> {
    let query = diesel::select(diesel::dsl::sql::<Bool>("current_setting('is_superuser') = 'on'"));
    Ok(query.get_result(admin)?)
}

/// The password travels as a bound value, so that it is not part of a statement that is shown or logged.
fn set_password(admin: &mut PgConnection, role: &str, password: &Secret) -> Result<(), Error> {
    diesel::sql_query(
        "SELECT set_config('korrigo.role', $1, false), set_config('korrigo.password', $2, false)",
    )
    .bind::<Text, _>(role)
    .bind::<Text, _>(password.expose())
    .execute(admin)?;
    admin.batch_execute(
        "DO $$ BEGIN
             EXECUTE format('ALTER ROLE %I PASSWORD %L',
                 current_setting('korrigo.role'), current_setting('korrigo.password'));
         END $$;
         SELECT set_config('korrigo.password', '', false)",
    )?;
    Ok(())
}

fn database(admin: &mut PgConnection, name: &str) -> Result<(), Error> {
    let exists: bool = diesel::select(diesel::dsl::exists(
        pg_database::table.filter(pg_database::datname.eq(name)),
    ))
    .get_result(admin)?;
    if !exists {
        admin.batch_execute(&format!("CREATE DATABASE {name} OWNER korrigo_owner"))?;
    }
    admin.batch_execute(&format!(
        "REVOKE ALL ON DATABASE {name} FROM PUBLIC;
         GRANT CONNECT ON DATABASE {name} TO korrigo_migrate, korrigo_app, korrigo_read"
    ))?;
    Ok(())
}

mod catalogue {
    diesel::table! {
        pg_database (datname) {
            datname -> Text,
            oid -> Oid,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_a_database_needs_no_quotes() {
        assert_eq!(plain("korrigo_2"), Ok("korrigo_2"));
        for name in [
            "",
            "2korrigo",
            "Korrigo",
            "korrigo; DROP ROLE x",
            "korrigo-demo",
            &"x".repeat(64),
        ] {
            assert!(plain(name).is_err(), "{name}");
        }
    }
}
