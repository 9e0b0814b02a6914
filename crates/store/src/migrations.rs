//! The schema's history: embedded in the program, applied by an operator, only checked by a service.
//!
//! Everything here blocks, and takes the URL of a role that may become the owner: `korrigo_migrate`. Two
//! operators at once take turns.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use diesel::PgConnection;
use diesel::connection::{InstrumentationEvent, SimpleConnection as _};
use diesel::migration::{Migration, MigrationSource as _};
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel_migrations::{EmbeddedMigrations, MigrationHarness as _, embed_migrations};
use domain::secret::Secret;

use crate::config::{BECOME_OWNER, Config};
use crate::error::{Error, of_connection};
use crate::openssl;
use versions::{__diesel_schema_migrations, schema_support};

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Changes whenever a migration does, or the roles that migrations rely on.
pub const FINGERPRINT: &str = env!("KORRIGO_SCHEMA_FINGERPRINT");

/// The last step that made the trail: those below it take it away as well.
const LAST_OF_TRAIL: &str = "0009";

/// What a step is not taken back over: the rows of this table of which this is true. Each step refuses that itself, but only
/// when the ones after it are taken back: its `down.sql` begins with `-- Refused`. The trail is kept here alone, and with it
/// everything that came before it.
const KEPT: [(&str, &str, &str); 14] = [
    (LAST_OF_TRAIL, "grading.grading_events", "true"),
    ("0011", "grading.grading_events", "action = 'RESTORE'"),
    (
        "0013",
        "grading.grading_events",
        "action IN ('IDENTIFY', 'MERGE', 'REORDER', 'DISPATCH', 'RELEASE', 'CORRECTION')",
    ),
    ("0013", "grading.students", "true"),
    ("0015", "grading.copies", "corrector_id IS NOT NULL"),
    ("0016", "grading.releases", "true"),
    ("0017", "grading.change_sets", "true"),
    ("0018", "grading.grading_events", "action = 'ERASE'"),
    ("0020", "grading.booklets", "position > 0"),
    ("0021", "grading.jobs", "kind = 'READ_IDENTITY'"),
    ("0023", "grading.grading_events", "metadata ? 'order'"),
    ("0027", "grading.users", "ev_seq > 0"),
    ("0028", "grading.batches", "discarded"),
    ("0029", "grading.grading_events", "action = 'OPERATE'"),
];

/// How long other work is left alone that was in the way of a migration.
const PAUSES: [Duration; 4] = [
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(4),
    Duration::from_secs(8),
];

/// A migration and whether the database has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Its version, by which migrations are ordered.
    pub version: String,
    /// What it brings, if this program has it.
    pub name: Option<String>,
    /// Whether the database has it.
    pub applied: bool,
}

mod versions {
    diesel::table! {
        grading.__diesel_schema_migrations (version) {
            version -> Text,
        }
    }

    diesel::table! {
        grading.schema_support (single) {
            single -> Bool,
            oldest -> Text,
        }
    }
}

/// Applies what is missing, and says what that was.
pub fn up(url: &Secret) -> Result<Vec<String>, Error> {
    up_step_by_step(url, |_done| {})
}

/// The same. `tell` hears of each step when it is done, whatever becomes of the next.
pub fn up_step_by_step(url: &Secret, mut tell: impl FnMut(&str)) -> Result<Vec<String>, Error> {
    let mut connection = alone(url)?;
    let cause = Cause::default();
    cause.watch(&mut connection);
    let applied = applied(&mut connection)?;
    let mut done = Vec::new();
    for migration in known()? {
        let version = version_of(migration.as_ref());
        if !applied.contains(&version) {
            patiently(|| {
                let result = connection.run_migration(&migration).map(|_version| ());
                result.map_err(|_kept_by_cause| cause.of(&version))
            })?;
            tell(&version);
            done.push(version);
        }
    }
    Ok(done)
}

/// Takes back the last `steps` migrations, and says which those were. [`Error::WouldLose`] before anything is touched, if
/// the trail or other work of people were among what is lost.
pub fn down(url: &Secret, steps: usize) -> Result<Vec<String>, Error> {
    down_step_by_step(url, steps, |_done| {})
}

/// The same. `tell` hears of each step when it is done, whatever becomes of the next.
pub fn down_step_by_step(
    url: &Secret,
    steps: usize,
    mut tell: impl FnMut(&str),
) -> Result<Vec<String>, Error> {
    let mut connection = alone(url)?;
    let chosen: Vec<String> = applied(&mut connection)?.into_iter().rev().take(steps).collect();
    let below_the_trail = chosen.last().is_some_and(|first| first.as_str() < LAST_OF_TRAIL);
    for (step, table, condition) in KEPT {
        if chosen.iter().any(|version| version == step) || below_the_trail && step == LAST_OF_TRAIL {
            require_none(&mut connection, table, condition)?;
        }
    }
    let cause = Cause::default();
    cause.watch(&mut connection);
    let known = known()?;
    let mut done = Vec::new();
    for version in chosen {
        let migration = known
            .iter()
            .find(|migration| version_of(migration.as_ref()) == version);
        let migration = migration.ok_or(Error::SchemaUnknown)?;
        patiently(|| {
            let result = connection.revert_migration(migration).map(|_version| ());
            result.map_err(|_kept_by_cause| cause.of(&version))
        })?;
        tell(&version);
        done.push(version);
    }
    Ok(done)
}

/// That no such row is there. Where there is no such table there is none.
fn require_none(connection: &mut PgConnection, table: &str, condition: &str) -> Result<(), Error> {
    let mut is = |what: String| -> Result<bool, Error> {
        let answer = diesel::select(diesel::dsl::sql::<diesel::sql_types::Bool>(&what));
        Ok(answer.get_result(&mut *connection)?)
    };
    let would_lose = is(format!("to_regclass('{table}') IS NOT NULL"))?
        && is(format!("EXISTS (SELECT FROM {table} WHERE {condition})"))?;
    if would_lose { Err(Error::WouldLose) } else { Ok(()) }
}

/// Tries again what met other work. A migration does not wait long for a lock, since everybody else waits behind it.
fn patiently(mut migrate: impl FnMut() -> Result<(), Error>) -> Result<(), Error> {
    for pause in PAUSES {
        match migrate() {
            Err(Error::Migration { source, .. })
                if matches!(*source, Error::Contention | Error::Deadlock) =>
            {
                std::thread::sleep(pause);
            }
            done => return done,
        }
    }
    migrate()
}

/// All migrations that the program or the database has, in order.
pub fn status(url: &Secret) -> Result<Vec<Step>, Error> {
    let mut connection = as_owner(url)?;
    steps(&mut connection)
}

/// The migrations that this program knows, in order.
pub fn versions() -> Result<Vec<String>, Error> {
    let known = known()?;
    Ok(known
        .iter()
        .map(|migration| version_of(migration.as_ref()))
        .collect())
}

/// Whether this program can work on the schema: it has all that the program knows, and may be newer as long as it still
/// supports the program.
pub fn check(url: &Secret) -> Result<(), Error> {
    let mut connection = as_owner(url)?;
    require_known(&mut connection)
}

/// The same on an open connection, with what else a program needs to know before it relies on it.
pub(crate) fn require_known(connection: &mut PgConnection) -> Result<(), Error> {
    let language: String = diesel::select(diesel::dsl::sql::<diesel::sql_types::Text>(
        "current_setting('lc_messages')",
    ))
    .get_result(connection)?;
    if !is_english(&language) {
        return Err(Error::ForeignMessages);
    }
    if steps(connection)?.iter().any(|step| !step.applied) {
        return Err(Error::SchemaBehind);
    }
    require_supported(connection)
}

/// Whether a schema that may have become newer still supports this program.
pub(crate) fn require_supported(connection: &mut PgConnection) -> Result<(), Error> {
    let oldest: String = schema_support::table
        .select(schema_support::oldest)
        .first(connection)?;
    if versions()?.contains(&oldest) {
        Ok(())
    } else {
        Err(Error::SchemaUnknown)
    }
}

/// Whether the schema is exactly the one that this program knows.
pub(crate) fn require_same(connection: &mut PgConnection) -> Result<(), Error> {
    require_known(connection)?;
    if steps(connection)?.iter().all(|step| step.name.is_some()) {
        Ok(())
    } else {
        Err(Error::SchemaUnknown)
    }
}

/// Whether a server whose messages are in this locale speaks the language that errors are told apart in.
fn is_english(locale: &str) -> bool {
    let language = locale.split(['.', '_']).next();
    matches!(language, Some("C" | "POSIX" | "en"))
}

fn steps(connection: &mut PgConnection) -> Result<Vec<Step>, Error> {
    let applied = applied(connection)?;
    let known: BTreeMap<String, String> = known()?
        .iter()
        .map(|migration| (version_of(migration.as_ref()), name_of(migration.as_ref())))
        .collect();
    let all: BTreeSet<&String> = applied.iter().chain(known.keys()).collect();
    Ok(all
        .into_iter()
        .map(|version| Step {
            version: version.clone(),
            name: known.get(version).cloned(),
            applied: applied.contains(version),
        })
        .collect())
}

fn known() -> Result<Vec<Box<dyn Migration<Pg>>>, Error> {
    let mut migrations = MIGRATIONS.migrations().map_err(|_not_embedded| Error::Failed)?;
    migrations.sort_by_key(|migration| version_of(migration.as_ref()));
    Ok(migrations)
}

fn version_of(migration: &dyn Migration<Pg>) -> String {
    migration.name().version().to_string()
}

/// What the directory is called after its number.
fn name_of(migration: &dyn Migration<Pg>) -> String {
    let whole = migration.name().to_string();
    let (_number, name) = whole.split_once('_').unwrap_or(("", &whole));
    name.to_owned()
}

fn applied(connection: &mut PgConnection) -> Result<BTreeSet<String>, Error> {
    let visible: bool = diesel::select(diesel::dsl::sql::<diesel::sql_types::Bool>(
        "EXISTS (SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = 'grading' AND c.relname = '__diesel_schema_migrations'
            AND has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT'))",
    ))
    .get_result(connection)?;
    if !visible {
        return Ok(BTreeSet::new());
    }
    let versions: Vec<String> = __diesel_schema_migrations::table
        .select(__diesel_schema_migrations::version)
        .load(connection)?;
    Ok(versions.into_iter().collect())
}

/// A connection that ends when the server is gone, and does not wait for one that never answers.
pub(crate) fn connect(url: &Secret) -> Result<PgConnection, Error> {
    openssl::keep_to_the_end();
    let bounded = Config::new(url.clone()).bounded_url();
    PgConnection::establish(&bounded).map_err(|why| of_connection(Some(&why.to_string())))
}

/// A connection that acts as the owner of the schema.
pub(crate) fn as_owner(url: &Secret) -> Result<PgConnection, Error> {
    let mut connection = connect(url)?;
    connection.batch_execute(BECOME_OWNER)?;
    connection.batch_execute("SET lock_timeout = '60s'; SET statement_timeout = '120s';")?;
    Ok(connection)
}

/// The same, and nobody else does so now. The schema itself and the table of versions are made here: they are
/// where migrations are noted, so no migration can make them.
fn alone(url: &Secret) -> Result<PgConnection, Error> {
    let mut connection = as_owner(url)?;
    connection.batch_execute(
        "SELECT pg_advisory_lock(hashtextextended('korrigo.migrations', 0));
         CREATE SCHEMA IF NOT EXISTS grading AUTHORIZATION korrigo_owner;
         SET search_path = grading;",
    )?;
    connection.applied_migrations().map_err(|_why| Error::Failed)?;
    Ok(connection)
}

/// Remembers why a statement failed: the driver's migrations keep that to themselves.
#[derive(Clone, Default)]
struct Cause(Arc<Mutex<Option<Error>>>);

impl Cause {
    fn watch(&self, connection: &mut PgConnection) {
        let cause = self.clone();
        connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
            if let InstrumentationEvent::FinishQuery {
                error: Some(error), ..
            } = event
            {
                cause
                    .0
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .get_or_insert(error.into());
            }
        });
    }

    fn of(&self, version: &str) -> Error {
        let cause = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        Error::Migration {
            version: version.into(),
            source: Box::new(cause.unwrap_or(Error::Failed)),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// What each step says of its way back.
    fn ways_back() -> Vec<(String, String)> {
        let steps = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations")).unwrap();
        let steps = steps
            .map(|step| step.unwrap().path())
            .filter(|step| step.is_dir());
        let read = |step: std::path::PathBuf| {
            let name = step.file_name().unwrap().to_str().unwrap();
            let (number, _name) = name.split_once('_').unwrap();
            (
                number.to_owned(),
                fs::read_to_string(step.join("down.sql")).unwrap(),
            )
        };
        steps.map(read).collect()
    }

    #[test]
    fn what_a_step_refuses_to_take_back_is_looked_for_before_any_is_taken_back_and_nothing_else_is() {
        let ways_back = ways_back();
        assert_eq!(ways_back.len(), versions().unwrap().len());
        let refusing = |is: &dyn Fn(&str) -> bool| -> BTreeSet<&str> {
            let found = ways_back.iter().filter(|(_, sql)| is(sql));
            found.map(|(number, _)| number.as_str()).collect()
        };
        let mut said = refusing(&|sql| sql.starts_with("-- Refused "));
        let done = refusing(&|sql| sql.contains("RAISE EXCEPTION 'there are "));
        assert!(done.len() > 5 && done.is_subset(&said), "{done:?} {said:?}");
        said.insert(LAST_OF_TRAIL);
        assert_eq!(said, KEPT.iter().map(|(step, ..)| *step).collect());
    }

    #[test]
    fn only_an_english_server_is_understood() {
        for locale in ["C", "C.UTF-8", "POSIX", "en_US.UTF-8", "en"] {
            assert!(is_english(locale), "{locale}");
        }
        for locale in ["", "fr_FR.UTF-8", "de", "Croatian"] {
            assert!(!is_english(locale), "{locale}");
        }
    }
}
