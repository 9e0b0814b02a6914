//! The one way in which statements of a transaction reach the connection.
//!
//! It remembers that a statement failed: PostgreSQL answers the `COMMIT` of a broken transaction without an
//! error and rolls back, so a use case that swallows an error must not be told that it was stored.

use diesel::PgConnection;
use diesel::result::QueryResult;
use failpoint::Point;

use crate::error::Error;

/// A connection in a transaction.
pub(crate) struct Wire<'a> {
    connection: &'a mut PgConnection,
    failed: &'a mut Option<Error>,
    transaction: &'static str,
}

impl<'a> Wire<'a> {
    pub(crate) fn new(
        connection: &'a mut PgConnection,
        failed: &'a mut Option<Error>,
        transaction: &'static str,
    ) -> Self {
        Self {
            connection,
            failed,
            transaction,
        }
    }

    /// The same wire for a shorter time.
    pub(crate) fn reborrow(&mut self) -> Wire<'_> {
        Wire {
            connection: self.connection,
            failed: self.failed,
            transaction: self.transaction,
        }
    }

    /// Runs a statement.
    pub(crate) fn run<T>(
        &mut self,
        statement: impl FnOnce(&mut PgConnection) -> QueryResult<T>,
    ) -> Result<T, Error> {
        failpoint::reach_in(Point::Statement, self.transaction);
        statement(self.connection).map_err(|error| {
            let error = Error::from(error);
            self.failed.get_or_insert_with(|| error.clone());
            error
        })
    }
}
