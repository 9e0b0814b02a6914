//! The closed list of what `korrigo status` finds.

/// Something that somebody has to look at. What causes others stands before them: where several are found, the first is the
/// verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// The database does not answer.
    DatabaseDown,
    /// The database has another schema than this version knows.
    SchemaMismatch,
    /// Somebody keeps a lock in the database for which others wait.
    TransactionsBlocked,
    /// The broker does not answer.
    BrokerDown,
    /// The broker answers and takes no messages.
    BrokerBlocked,
    /// Uploads cannot be stored.
    BlobsUnwritable,
    /// The audit trail is not what was written.
    AuditTampered,
    /// The tables say something else than the audit trail.
    AuditMismatch,
    /// A queue is not there.
    QueueMissing,
    /// Nobody takes from a queue.
    NoWorker,
    /// Messages were given up.
    DeadLetters,
    /// Copies could not be imported.
    ImportsFailed,
    /// Corrected documents could not be made.
    FinalizesFailed,
    /// Messages wait to be sent for too long.
    OutboxStuck,
    /// Locks have ended by themselves and are still there.
    LocksOverdue,
    /// A service is not ready, or does not answer.
    ServiceNotReady,
    /// A service is ready, and something that it uses is not well.
    ServiceDegraded,
}

impl Finding {
    /// All of them, causes first.
    pub const ALL: [Self; 17] = [
        Self::DatabaseDown,
        Self::SchemaMismatch,
        Self::TransactionsBlocked,
        Self::BrokerDown,
        Self::BrokerBlocked,
        Self::BlobsUnwritable,
        Self::AuditTampered,
        Self::AuditMismatch,
        Self::QueueMissing,
        Self::NoWorker,
        Self::DeadLetters,
        Self::ImportsFailed,
        Self::FinalizesFailed,
        Self::OutboxStuck,
        Self::LocksOverdue,
        Self::ServiceNotReady,
        Self::ServiceDegraded,
    ];

    /// Its name, as scripts see it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DatabaseDown => "database_down",
            Self::SchemaMismatch => "schema_mismatch",
            Self::TransactionsBlocked => "transactions_blocked",
            Self::BrokerDown => "broker_down",
            Self::BrokerBlocked => "broker_blocked",
            Self::BlobsUnwritable => "blobs_unwritable",
            Self::AuditTampered => "audit_tampered",
            Self::AuditMismatch => "audit_mismatch",
            Self::QueueMissing => "queue_missing",
            Self::NoWorker => "no_worker",
            Self::DeadLetters => "dead_letters",
            Self::ImportsFailed => "imports_failed",
            Self::FinalizesFailed => "finalizes_failed",
            Self::OutboxStuck => "outbox_stuck",
            Self::LocksOverdue => "locks_overdue",
            Self::ServiceNotReady => "service_not_ready",
            Self::ServiceDegraded => "service_degraded",
        }
    }

    /// What to do.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::DatabaseDown => "start PostgreSQL, or see its log; services come back by themselves",
            Self::SchemaMismatch => "korrigo migrate status",
            Self::TransactionsBlocked => "korrigo blockers list",
            Self::BrokerDown => "start RabbitMQ, or see its log; what waits is sent by itself after",
            Self::BrokerBlocked => {
                "make room on RabbitMQ's disk, or see which queue fills its memory; what waits is sent by itself after"
            }
            Self::BlobsUnwritable => {
                "make room on the volume of the blobs, or bring it back; no upload was lost"
            }
            Self::AuditTampered => "change nothing, and see docs/playbook.md#audit-chain-broken",
            Self::AuditMismatch => "change nothing, and see docs/playbook.md#missing-audit-events",
            Self::QueueMissing => "any grading service or worker that is restarted declares it again",
            Self::NoWorker => "start a worker, or see its log and readiness",
            Self::DeadLetters => "korrigo dead-letters list",
            Self::ImportsFailed | Self::FinalizesFailed => "korrigo copies stuck",
            Self::OutboxStuck => {
                "see whether RabbitMQ has room and takes messages, and a grading service runs"
            }
            Self::LocksOverdue => "see whether a grading service runs: it ends them within seconds",
            Self::ServiceNotReady => "see the service's log and what its /readyz says",
            Self::ServiceDegraded => "see which check of its /readyz is not ok",
        }
    }

    /// What a readiness check says that is not `ok`, in a service that is ready all the same.
    #[must_use]
    pub fn of_check(name: &str) -> Self {
        match name {
            "broker_takes" => Self::BrokerBlocked,
            "blobs" => Self::BlobsUnwritable,
            "audit_trail" => Self::AuditTampered,
            "audit_tables" => Self::AuditMismatch,
            _other => Self::ServiceDegraded,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn findings_have_names_of_their_own_and_causes_come_first() {
        assert!(Finding::ALL.is_sorted());
        let mut names: Vec<_> = Finding::ALL.map(Finding::as_str).to_vec();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Finding::ALL.len());
    }

    #[test]
    fn a_check_that_fails_is_named_by_its_cause() {
        let checks = ["broker_takes", "blobs", "audit_trail", "audit_tables", "reports"];
        assert_eq!(
            checks.map(Finding::of_check),
            [
                Finding::BrokerBlocked,
                Finding::BlobsUnwritable,
                Finding::AuditTampered,
                Finding::AuditMismatch,
                Finding::ServiceDegraded
            ]
        );
    }
}
