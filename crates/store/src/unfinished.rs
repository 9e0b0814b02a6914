//! What of the schema was begun and not ended: nothing is wrong with it, and nobody gets what it was made for.
//!
//! An index that is not valid is kept up to date and never read; `CREATE INDEX CONCURRENTLY` leaves one when it breaks off. A
//! rule that was never validated is asked of new rows only. No service minds, so only operators are told.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use domain::secret::Secret;

use crate::error::Error;
use crate::migrations::as_owner;

/// By their kind and name. The schema has to be there.
const UNFINISHED: &str = "
    SELECT 'index' AS kind, i.relname::text AS name, t.relname::text AS table
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
    WHERE NOT x.indisvalid AND t.relnamespace = 'grading'::regnamespace
    UNION ALL
    SELECT 'constraint', c.conname::text, t.relname::text
    FROM pg_constraint c JOIN pg_class t ON t.oid = c.conrelid
    WHERE NOT c.convalidated AND c.connamespace = 'grading'::regnamespace
    ORDER BY kind, name";

/// An index that is not valid, or a constraint that was never validated.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Unfinished {
    /// `index` or `constraint`.
    #[diesel(sql_type = Text)]
    pub kind: String,
    /// What it is called.
    #[diesel(sql_type = Text)]
    pub name: String,
    /// Of which table.
    #[diesel(sql_type = Text)]
    pub table: String,
}

/// All of them. An index that somebody makes at this moment is among them.
pub fn unfinished(url: &Secret) -> Result<Vec<Unfinished>, Error> {
    Ok(sql_query(UNFINISHED).load(&mut as_owner(url)?)?)
}
