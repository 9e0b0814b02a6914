//! Whether the server has room on its disk, asked in a way that leaves nothing behind.

use diesel::PgConnection;
use diesel::connection::SimpleConnection as _;
use diesel::result::QueryResult;

/// Sorts some hundred kilobytes in less memory. Statements that are sent together are one transaction, so the settings end
/// with it.
const SPILL: &str = "
    SET LOCAL work_mem = '64kB';
    SET LOCAL statement_timeout = '1s';
    SELECT md5(number::text) FROM generate_series(1, 10000) AS number ORDER BY 1 OFFSET 9999";

/// Has the server write a file and remove it.
pub(crate) fn try_it(connection: &mut PgConnection) -> QueryResult<()> {
    connection.batch_execute(SPILL)
}
