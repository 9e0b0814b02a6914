//! The closed list of what `korrigo status` finds.

/// Something that somebody has to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finding {
    /// The database does not answer.
    DatabaseDown,
    /// The database has another schema than this version knows.
    SchemaMismatch,
    /// The broker does not answer.
    BrokerDown,
    /// A queue is not there.
    QueueMissing,
    /// Nobody takes from a queue.
    NoWorker,
    /// Messages were given up.
    DeadLetters,
    /// Messages wait to be sent for too long.
    OutboxStuck,
    /// Locks have ended by themselves and are still there.
    LocksOverdue,
    /// Copies could not be imported or finalized.
    CopiesStuck,
    /// A service is ready, and something that it uses is not well.
    ServiceDegraded,
    /// A service is not ready, or does not answer.
    ServiceNotReady,
}

impl Finding {
    /// Its name, as scripts see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DatabaseDown => "database_down",
            Self::SchemaMismatch => "schema_mismatch",
            Self::BrokerDown => "broker_down",
            Self::QueueMissing => "queue_missing",
            Self::NoWorker => "no_worker",
            Self::DeadLetters => "dead_letters",
            Self::OutboxStuck => "outbox_stuck",
            Self::LocksOverdue => "locks_overdue",
            Self::CopiesStuck => "copies_stuck",
            Self::ServiceDegraded => "service_degraded",
            Self::ServiceNotReady => "service_not_ready",
        }
    }

    /// What to do.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::DatabaseDown => "start PostgreSQL, or see its log; services come back by themselves",
            Self::SchemaMismatch => "korrigo migrate status",
            Self::BrokerDown => "start RabbitMQ, or see its log; what waits is sent by itself after",
            Self::QueueMissing => "any grading service or worker that is restarted declares it again",
            Self::NoWorker => "start a worker, or see its log and readiness",
            Self::DeadLetters => "korrigo dead-letters list",
            Self::OutboxStuck => {
                "see whether RabbitMQ has room and takes messages, and a grading service runs"
            }
            Self::LocksOverdue => "see whether a grading service runs: it ends them within seconds",
            Self::CopiesStuck => "korrigo copies stuck",
            Self::ServiceDegraded => "see which check of its /readyz is not ok",
            Self::ServiceNotReady => "see the service's log and what its /readyz says",
        }
    }
}
