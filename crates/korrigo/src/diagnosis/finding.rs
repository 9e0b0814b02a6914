//! The closed list of what `korrigo status` finds.

domain::closed_names! {
    /// Something that somebody has to look at. What causes others stands before them: where several are found, the first is the
    /// verdict.
    Finding {
        /// The database does not answer.
        DatabaseDown = "database_down",
        /// The database has another schema than this version knows.
        SchemaMismatch = "schema_mismatch",
        /// Somebody keeps a lock in the database for which others wait.
        TransactionsBlocked = "transactions_blocked",
        /// The broker does not answer.
        BrokerDown = "broker_down",
        /// The broker answers and takes no messages.
        BrokerBlocked = "broker_blocked",
        /// Uploads cannot be stored.
        BlobsUnwritable = "blobs_unwritable",
        /// The audit trail is not what was written.
        AuditTampered = "audit_tampered",
        /// The tables say something else than the audit trail.
        AuditMismatch = "audit_mismatch",
        /// A queue is not there.
        QueueMissing = "queue_missing",
        /// Nobody takes from a queue.
        NoWorker = "no_worker",
        /// Messages were given up.
        DeadLetters = "dead_letters",
        /// Copies could not be imported.
        ImportsFailed = "imports_failed",
        /// Corrected documents could not be made.
        FinalizesFailed = "finalizes_failed",
        /// Messages wait to be sent for too long.
        OutboxStuck = "outbox_stuck",
        /// Locks have ended by themselves and are still there.
        LocksOverdue = "locks_overdue",
        /// A service is not ready, or does not answer.
        ServiceNotReady = "service_not_ready",
        /// A service is ready, and something that it uses is not well.
        ServiceDegraded = "service_degraded",
    }
}

impl Finding {
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
        let mut names: Vec<_> = Finding::ALL.iter().map(|finding| finding.as_str()).collect();
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
