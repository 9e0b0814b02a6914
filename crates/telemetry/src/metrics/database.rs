//! The database as its clients see it.

use std::time::Duration;

use super::labels::{TransactionResult, texts};
use super::metric::{DATABASE, Kind, Label, Metric, Values, number};
use crate::name::ServiceName::{Grading, Korrigo};

const TRANSACTIONS: Metric = Metric {
    name: "db_transaction_duration_seconds",
    kind: Kind::Histogram(DATABASE),
    help: "How long transactions took, without the wait for a connection.",
    labels: &[Label {
        name: "result",
        values: Values::Closed(|| texts(TransactionResult::ALL)),
    }],
    services: &[Grading, Korrigo],
};

const CONNECTIONS: Metric = Metric {
    name: "db_pool_connections",
    kind: Kind::Gauge,
    help: "Connections of the pool.",
    labels: &[Label {
        name: "state",
        values: Values::Closed(|| vec!["idle", "used"]),
    }],
    services: &[Grading],
};

const LIMIT: Metric = Metric {
    name: "db_pool_connections_limit",
    kind: Kind::Gauge,
    help: "How many connections the pool may have.",
    labels: &[],
    services: &[Grading],
};

const PENDING: Metric = Metric {
    name: "db_pool_pending_requests",
    kind: Kind::Gauge,
    help: "Transactions that wait for a connection.",
    labels: &[],
    services: &[Grading],
};

const WAIT: Metric = Metric {
    name: "db_pool_wait_seconds",
    kind: Kind::Histogram(DATABASE),
    help: "How long transactions waited for a connection.",
    labels: &[],
    services: &[Grading],
};

pub(super) const FAMILY: &[&Metric] = &[&TRANSACTIONS, &CONNECTIONS, &LIMIT, &PENDING, &WAIT];

/// The connections of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolState {
    /// Open and free.
    pub idle: u32,
    /// In use.
    pub used: u32,
    /// How many there may be.
    pub limit: u32,
}

/// A transaction has ended. Which one it was, its span tells and, if it failed, its log line.
pub fn transaction_finished(result: TransactionResult, duration: Duration) {
    TRANSACTIONS.observe(&[result.as_str()], duration);
}

/// How many connections there are.
pub fn pool_connections(state: PoolState) {
    CONNECTIONS.set(&["idle"], f64::from(state.idle));
    CONNECTIONS.set(&["used"], f64::from(state.used));
    LIMIT.set(&[], f64::from(state.limit));
}

/// How many transactions wait for a connection.
pub fn pool_pending(count: usize) {
    PENDING.set(&[], number(u64::try_from(count).unwrap_or(u64::MAX)));
}

/// A transaction got its connection.
pub fn pool_wait(duration: Duration) {
    WAIT.observe(&[], duration);
}
