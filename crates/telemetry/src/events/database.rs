//! The database, as the services see it.

use std::time::Duration;

use crate::causes::Causes;
use crate::code::Code;

events! {
    DATABASE;

    DatabaseUnavailable = Error "database.unavailable" "the database does not answer" { error: Causes }
    DatabaseRestored = Info "database.restored" "the database answers again" { duration: Duration }
    DatabaseContention = Warning "database.contention" "a transaction met another one" {
        transaction: Code,
        error: Code,
    }
    DatabaseDeadlock = Critical "database.deadlock" "two transactions stood in each other's way" { transaction: Code }
    TransactionFailed = Error "database.transaction_failed" "a transaction failed" {
        transaction: Code,
        error: Causes,
        sqlstate: Option<Code>,
        constraint: Option<Code>,
    }
    DatabaseListenerLost = Warning "database.listener_lost" "notifications of the database are interrupted" {}
    DatabaseListenerRestored = Info "database.listener_restored" "notifications of the database are back" {}
    SchemaRefused = Critical "database.schema_refused" "the database has a schema that this version does not know" {
        error: Causes,
    }
}
