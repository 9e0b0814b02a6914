//! When the last backup was taken, so that somebody is told when it was long ago.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Timestamptz;
use domain::Timestamp;
use domain::secret::Secret;

use crate::error::Error;
use crate::migrations::as_owner;

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Timestamptz)]
    taken_at: Timestamp,
}

/// Remembers one that is whole, by the moment of the database that it has.
pub fn backup_taken(url: &Secret, at: Timestamp) -> Result<(), Error> {
    let keep = sql_query(
        "INSERT INTO grading.last_backup AS known (taken_at) VALUES ($1)
         ON CONFLICT (single) DO UPDATE SET taken_at = greatest(known.taken_at, EXCLUDED.taken_at)",
    );
    keep.bind::<Timestamptz, _>(at).execute(&mut as_owner(url)?)?;
    Ok(())
}

/// Of when the last one is, if one is known.
pub(crate) fn read(connection: &mut PgConnection) -> QueryResult<Option<Timestamp>> {
    let query = sql_query("SELECT taken_at FROM grading.last_backup");
    let row: Option<Taken> = query.get_result(connection).optional()?;
    Ok(row.map(|row| row.taken_at))
}
