//! The one way in which statements of a transaction reach the connection.
//!
//! It remembers that a statement failed: PostgreSQL answers the `COMMIT` of a broken transaction without an
//! error and rolls back, so a use case that swallows an error must not be told that it was stored.

use diesel::PgConnection;
use diesel::result::QueryResult;

use crate::error::Error;

/// A connection in a transaction.
pub(crate) struct Wire<'a> {
    connection: &'a mut PgConnection,
    failed: &'a mut Option<Error>,
}

impl<'a> Wire<'a> {
    pub(crate) fn new(connection: &'a mut PgConnection, failed: &'a mut Option<Error>) -> Self {
        Self { connection, failed }
    }

    /// The same wire for a shorter time.
    pub(crate) fn reborrow(&mut self) -> Wire<'_> {
        Wire {
            connection: self.connection,
            failed: self.failed,
        }
    }

    /// Runs a statement.
    pub(crate) fn run<T>(
        &mut self,
        statement: impl FnOnce(&mut PgConnection) -> QueryResult<T>,
    ) -> Result<T, Error> {
        statement(self.connection).map_err(|error| {
            let error = Error::from(error);
            self.failed.get_or_insert_with(|| error.clone());
            error
        })
    }
}
