//! What a backup needs of the database besides its dump, and what a restored database needs before it is worked with.
//!
//! Like migrations, everything here blocks and acts as the owner of the schema. The dump itself is `pg_dump`'s work: it
//! is given the name of a [`Snapshot`], so that what is counted and listed here is what is in the dump.

use diesel::PgConnection;
use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Text, Timestamptz};
use domain::audit::{Frontier, Root};
use domain::secret::Secret;
use domain::{Digest, Timestamp};

use crate::audit_tree::{FRONTIER_ROW, FrontierRow};
use crate::blobs::{REFERENCES, Referenced};
use crate::columns::Table;
use crate::error::Error;
use crate::migrations::{as_owner, connect, require_same};

/// How many digests are read at a time.
const BATCH: u16 = 1000;
/// By how much the fences of a restored database are ahead. No job is claimed as often.
const AHEAD: i64 = 1_000_000;

const COUNTS: Table = Table("copies");
const BLOBS: Table = Table("booklets");

/// A moment of the database, held for as long as the value lives. Work goes on meanwhile.
pub struct Snapshot {
    connection: PgConnection,
    name: String,
}

/// What the database had at a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contents {
    /// The migrations of its schema.
    pub schema: Vec<String>,
    /// When the moment was, by its clock.
    pub at: Timestamp,
    /// How many copies.
    pub copies: u64,
    /// How many events.
    pub events: u64,
    /// The tree over those events that had their leaf.
    pub tree: Root,
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = Text)]
    name: String,
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = Timestamptz)]
    at: Timestamp,
    #[diesel(sql_type = BigInt)]
    copies: i64,
    #[diesel(sql_type = BigInt)]
    events: i64,
}

#[derive(QueryableByName)]
struct Found {
    #[diesel(sql_type = Bool)]
    found: bool,
}

impl Snapshot {
    /// Holds this moment. The schema has to be exactly the one of this program: it knows where a newer one refers to
    /// blobs as little as where an older one does.
    pub fn take(url: &Secret) -> Result<Self, Error> {
        let mut connection = as_owner(url)?;
        require_same(&mut connection)?;
        // It does nothing while files are copied.
        connection.batch_execute(
            "SET lock_timeout = 0; SET statement_timeout = 0; SET idle_in_transaction_session_timeout = 0; SET idle_session_timeout = 0",
        )?;
        connection.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
        let exported: Name = sql_query("SELECT pg_export_snapshot() AS name").get_result(&mut connection)?;
        connection.batch_execute(&format!(
            "DECLARE referenced NO SCROLL CURSOR FOR
             SELECT DISTINCT digest FROM ({REFERENCES}) r WHERE digest IS NOT NULL ORDER BY digest"
        ))?;
        Ok(Self {
            connection,
            name: exported.name,
        })
    }

    /// What `pg_dump` calls it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What there is.
    pub fn contents(&mut self) -> Result<Contents, Error> {
        contents(&mut self.connection)
    }

    /// The next blobs that are referred to, in order; none after the last.
    pub fn blobs(&mut self) -> Result<Vec<Digest>, Error> {
        let fetch = sql_query(format!("FETCH {BATCH} FROM referenced"));
        let rows: Vec<Referenced> = fetch.load(&mut self.connection)?;
        rows.iter().map(|row| BLOBS.digest(&row.digest)).collect()
    }
}

/// What a database has now.
pub fn present(url: &Secret) -> Result<Contents, Error> {
    let mut connection = as_owner(url)?;
    // Counting takes as long as there is much.
    connection.batch_execute("SET statement_timeout = 0; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")?;
    contents(&mut connection)
}

fn contents(connection: &mut PgConnection) -> Result<Contents, Error> {
    let counted: Counted = sql_query(
        "SELECT now() AS at, (SELECT count(*) FROM grading.copies) AS copies,
            (SELECT count(*) FROM grading.grading_events) AS events",
    )
    .get_result(connection)?;
    let frontier: FrontierRow = sql_query(FRONTIER_ROW).get_result(connection)?;
    let tree = Frontier::try_from(frontier)?;
    let schema: Vec<Name> =
        sql_query("SELECT version AS name FROM grading.__diesel_schema_migrations ORDER BY version")
            .load(connection)?;
    Ok(Contents {
        schema: schema.into_iter().map(|row| row.name).collect(),
        at: counted.at,
        copies: COUNTS.number(counted.copies)?,
        events: COUNTS.number(counted.events)?,
        tree: Root {
            size: tree.size(),
            hash: tree.root(),
        },
    })
}

/// What tells a database from every other, for as long as its server runs.
pub fn identity(url: &Secret) -> Result<String, Error> {
    let mut connection = connect(url)?;
    let row: Name = sql_query(
        "SELECT oid::text || ' of ' || pg_postmaster_start_time()::text AS name
         FROM pg_database WHERE datname = current_database()",
    )
    .get_result(&mut connection)?;
    Ok(row.name)
}

/// Whether a database has nothing that a restore could be mixed up with.
pub fn is_empty(url: &Secret) -> Result<bool, Error> {
    let mut connection = as_owner(url)?;
    let answer: Found = sql_query(
        "SELECT NOT EXISTS (
            SELECT FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
        ) AND to_regnamespace('grading') IS NULL AS found",
    )
    .get_result(&mut connection)?;
    Ok(answer.found)
}

/// Ends what must not outlive a restore: sessions and invitations, which may have been ended or used after the backup,
/// and the power of workers that were given their jobs after it.
pub fn end_claims(url: &Secret) -> Result<(), Error> {
    let mut connection = as_owner(url)?;
    connection.batch_execute(&format!(
        "BEGIN;
         DELETE FROM grading.sessions;
         DELETE FROM grading.invitations;
         UPDATE grading.jobs SET fence = fence + {AHEAD}, revision = revision + 1 WHERE finished_at IS NULL;
         COMMIT"
    ))?;
    Ok(())
}
