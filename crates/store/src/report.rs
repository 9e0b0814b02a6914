//! What logs, metrics and traces are told of a transaction's end.
//!
//! A database that is away is told once when it goes and once when it is back, however many transactions
//! notice. What the use case decided by itself is its own to tell.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use telemetry::events::{
    DatabaseContention, DatabaseDeadlock, DatabaseRestored, DatabaseUnavailable, TransactionFailed,
};
use telemetry::metrics::{self, TransactionResult};
use telemetry::{Causes, Code, Span};

use crate::error::Error;

/// Whether the database is away, and since when.
#[derive(Debug, Clone, Default)]
pub(crate) struct Outage(Arc<Mutex<Option<Instant>>>);

impl Outage {
    /// Somebody could not reach the database, for this reason.
    pub(crate) fn begin(&self, error: &Error) {
        let mut since = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if since.is_none() {
            *since = Some(Instant::now());
            telemetry::log(DatabaseUnavailable {
                error: Causes::of(error),
            });
        }
    }

    /// Somebody reached the database.
    pub(crate) fn end(&self) {
        let since = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(since) = since {
            telemetry::log(DatabaseRestored {
                duration: since.elapsed(),
            });
        }
    }
}

/// When the database last had no room for what somebody wrote.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shortage(Arc<Mutex<Option<Instant>>>);

impl Shortage {
    /// Something was refused now.
    fn note(&self) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(Instant::now());
    }

    /// Whether something was refused within this time.
    pub(crate) fn is_within(&self, time: Duration) -> bool {
        let last = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        last.is_some_and(|last| last.elapsed() < time)
    }
}

/// A transaction that is to be reported on.
#[derive(Debug, Clone)]
pub(crate) struct Report {
    pub(crate) name: &'static str,
    pub(crate) span: Span,
    pub(crate) outage: Outage,
    pub(crate) shortage: Shortage,
}

impl Report {
    /// It committed.
    pub(crate) fn committed(&self, duration: Duration) {
        self.outage.end();
        metrics::transaction_finished(TransactionResult::Committed, duration);
        self.span.end();
    }

    /// The use case decided against it.
    pub(crate) fn rolled_back(&self, duration: Duration) {
        self.outage.end();
        metrics::transaction_finished(TransactionResult::RolledBack, duration);
        self.span.end();
    }

    /// The database, or the way to it, failed it.
    pub(crate) fn failed(&self, error: &Error, duration: Duration) {
        metrics::transaction_finished(result(error), duration);
        if *error == Error::Unwritable {
            self.shortage.note();
        }
        let code = Code::of(error);
        self.span.failed(code);
        self.span.end();
        let transaction = Code::of(self.name);
        match error {
            Error::Unreachable
            | Error::Rejected
            | Error::Untrusted
            | Error::Full
            | Error::Silent
            | Error::Lost => self.outage.begin(error),
            Error::Deadlock => telemetry::log(DatabaseDeadlock { transaction }),
            Error::Contention | Error::Timeout => {
                telemetry::log(DatabaseContention {
                    transaction,
                    error: code,
                });
            }
            // Metrics show a full pool; these two are answers to the caller.
            Error::Busy | Error::Conflict { .. } | Error::Stale { .. } => {}
            Error::Refused { .. }
            | Error::Denied
            | Error::Corrupt { .. }
            | Error::Abandoned
            | Error::SchemaBehind
            | Error::SchemaUnknown
            | Error::Migration { .. }
            | Error::ForeignMessages
            | Error::Unwritable
            | Error::WouldLose
            | Error::Failed => telemetry::log(TransactionFailed {
                transaction,
                error: Causes::of(error),
                sqlstate: None,
                constraint: rule(error),
            }),
        }
    }
}

fn rule(error: &Error) -> Option<Code> {
    if let Error::Refused { rule } = error {
        Some(Code::of(*rule))
    } else {
        None
    }
}

fn result(error: &Error) -> TransactionResult {
    match error {
        Error::Busy
        | Error::Unreachable
        | Error::Rejected
        | Error::Untrusted
        | Error::Full
        | Error::Silent
        | Error::Lost
        | Error::Unwritable => TransactionResult::Unavailable,
        Error::Contention | Error::Deadlock => TransactionResult::Contention,
        Error::Timeout => TransactionResult::Timeout,
        Error::Conflict { .. } | Error::Stale { .. } => TransactionResult::RolledBack,
        Error::Refused { .. }
        | Error::Denied
        | Error::Corrupt { .. }
        | Error::Abandoned
        | Error::SchemaBehind
        | Error::SchemaUnknown
        | Error::Migration { .. }
        | Error::ForeignMessages
        | Error::WouldLose
        | Error::Failed => TransactionResult::Failed,
    }
}
