//! The closed list of what `korrigo status` finds.

domain::closed_names! {
    /// Something that somebody has to look at. What causes others stands before them: where several are found, the first is the
    /// verdict.
    Finding {
        /// Nobody listens where the database should be, or it broke off.
        DatabaseDown = "database_down",
        /// The database took a connection and did not answer in time.
        DatabaseSilent = "database_silent",
        /// The database does not let this role in, or see what it has to.
        DatabaseRejects = "database_rejects",
        /// The database shows no certificate that the URL accepts.
        DatabaseUntrusted = "database_untrusted",
        /// The database has no connection left.
        DatabaseBusy = "database_busy",
        /// The database has another schema than this version knows.
        SchemaMismatch = "schema_mismatch",
        /// Somebody keeps a lock in the database for which others wait.
        TransactionsBlocked = "transactions_blocked",
        /// The database has no room for what is written.
        DatabaseUnwritable = "database_unwritable",
        /// The database answers with what nobody can make sense of.
        DatabaseFailed = "database_failed",
        /// The address of the broker is none: nobody was asked.
        BrokerUnaddressed = "broker_unaddressed",
        /// The broker does not answer.
        BrokerDown = "broker_down",
        /// The broker shows no certificate that is accepted.
        BrokerUntrusted = "broker_untrusted",
        /// The broker took a connection and did not answer in time.
        BrokerSilent = "broker_silent",
        /// The broker does not let this user in, or see what it has to.
        BrokerRejects = "broker_rejects",
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
        /// The grading service did not answer in time.
        GradingSilent = "grading_silent",
        /// A gateway did not answer in time.
        GatewaySilent = "gateway_silent",
        /// A worker did not answer in time.
        WorkerSilent = "worker_silent",
        /// A service of which nobody said what it is did not answer in time.
        ServiceSilent = "service_silent",
        /// Messages were given up.
        DeadLetters = "dead_letters",
        /// Copies could not be imported.
        ImportsFailed = "imports_failed",
        /// Scans of many copies could not be taken apart.
        SplitsFailed = "splits_failed",
        /// Corrected documents could not be made.
        FinalizesFailed = "finalizes_failed",
        /// Archives of corrected documents could not be made.
        ArchivesFailed = "archives_failed",
        /// Copies wait for jobs that do not exist.
        CopiesForgotten = "copies_forgotten",
        /// Workers that had jobs are silent, and nobody took the jobs from them.
        LeasesOver = "leases_over",
        /// Jobs were ordered too long ago and have not ended.
        JobsWaiting = "jobs_waiting",
        /// Messages wait to be sent for too long.
        OutboxStuck = "outbox_stuck",
        /// Locks have ended by themselves and are still there.
        LocksOverdue = "locks_overdue",
        /// Nobody listens where a service should be.
        ServiceDown = "service_down",
        /// A service answers that it is not ready.
        ServiceNotReady = "service_not_ready",
        /// A service is ready, and something that it uses is not well.
        ServiceDegraded = "service_degraded",
        /// The last backup is too old, or there is none.
        BackupOld = "backup_old",
        /// A service shows a certificate that is near its end.
        CertificateExpires = "certificate_expires",
    }
}

impl Finding {
    /// What to do.
    #[must_use]
    pub const fn advice(self) -> &'static str {
        match self {
            Self::DatabaseDown => "start PostgreSQL, or see its log; services come back by themselves",
            Self::DatabaseSilent => {
                "see whether PostgreSQL's machine, its disk and the way to it do anything at all, and its log"
            }
            Self::DatabaseRejects => {
                "check user, password and database of KORRIGO_DATABASE_URL, and pg_hba.conf; PostgreSQL's log says which"
            }
            Self::DatabaseUntrusted => {
                "check sslmode and sslrootcert of KORRIGO_DATABASE_URL, and what PostgreSQL's certificate is for and who signed it"
            }
            Self::DatabaseBusy => "see who has PostgreSQL's connections, and end those that are not ours",
            Self::SchemaMismatch => "korrigo migrate status",
            Self::TransactionsBlocked => "korrigo blockers list",
            Self::DatabaseUnwritable => {
                "make room on PostgreSQL's volume; what is stored is there and can be read"
            }
            Self::DatabaseFailed => "see the line of the database, and PostgreSQL's log",
            Self::BrokerUnaddressed => "write KORRIGO_AMQP_URL as amqp://USER:PASSWORD@HOST:PORT/VHOST",
            Self::BrokerDown => "start RabbitMQ, or see its log; what waits is sent by itself after",
            Self::BrokerUntrusted => {
                "check KORRIGO_AMQP_URL and KORRIGO_AMQP_TLS_AUTHORITY, and what RabbitMQ's certificate is for and who signed it"
            }
            Self::BrokerSilent => {
                "see whether RabbitMQ's machine and the way to it do anything at all, and its log; restart it if not"
            }
            Self::BrokerRejects => {
                "check user, password and virtual host of KORRIGO_AMQP_URL, and the user's permissions; RabbitMQ's log says which"
            }
            Self::BrokerBlocked => {
                "make room on RabbitMQ's disk, or see which queue fills its memory; what waits is sent by itself after"
            }
            Self::BlobsUnwritable => {
                "make room on the volume of the blobs, or bring it back; no upload was lost"
            }
            Self::AuditTampered => "change nothing, and see docs/playbook.md#audit-chain-broken",
            Self::AuditMismatch => "change nothing, and see docs/playbook.md#missing-audit-events",
            Self::QueueMissing => "a grading service that is restarted declares it again",
            Self::NoWorker => "start a worker, or see its log and readiness",
            Self::GradingSilent => "restart grading; nothing is lost",
            Self::GatewaySilent => "restart the gateway; nothing is lost",
            Self::WorkerSilent => "restart the worker; what it had is done again",
            Self::ServiceSilent => "restart the service; nothing is lost",
            Self::DeadLetters => "korrigo dead-letters list",
            Self::ImportsFailed | Self::FinalizesFailed | Self::CopiesForgotten => "korrigo copies stuck",
            Self::SplitsFailed => "korrigo batches list",
            Self::ArchivesFailed | Self::LeasesOver | Self::JobsWaiting => "korrigo jobs list --stuck",
            Self::OutboxStuck => {
                "see whether RabbitMQ has room and takes messages, and a grading service runs"
            }
            Self::LocksOverdue => "see whether a grading service runs: it ends them within seconds",
            Self::ServiceDown => "start the service of that line; its log says why it ended",
            Self::ServiceNotReady => "see the service's log and what its /readyz says",
            Self::ServiceDegraded => "see which check of its /readyz is not ok",
            Self::BackupOld => "see why what takes backups did not, and take one: docs/operations.md#backup",
            Self::CertificateExpires => {
                "renew the certificate of that service and restart it: docs/operations.md#certificates-between-the-services"
            }
        }
    }

    /// What a readiness check says that is not `ok`, in a service that is ready all the same.
    #[must_use]
    pub fn of_check(name: &str) -> Self {
        match name {
            "broker_takes" => Self::BrokerBlocked,
            "blobs" => Self::BlobsUnwritable,
            "database_room" => Self::DatabaseUnwritable,
            "audit_trail" => Self::AuditTampered,
            "audit_tables" => Self::AuditMismatch,
            "certificate" => Self::CertificateExpires,
            _other => Self::ServiceDegraded,
        }
    }

    /// What it means that the database could not be looked at.
    #[must_use]
    pub const fn of_database(error: &store::Error) -> Self {
        use store::Error;
        match error {
            Error::Unreachable | Error::Lost => Self::DatabaseDown,
            Error::Silent | Error::Timeout => Self::DatabaseSilent,
            Error::Rejected | Error::Denied => Self::DatabaseRejects,
            Error::Untrusted => Self::DatabaseUntrusted,
            Error::Full | Error::Busy => Self::DatabaseBusy,
            Error::SchemaBehind | Error::SchemaUnknown | Error::Migration { .. } => Self::SchemaMismatch,
            Error::Contention | Error::Deadlock => Self::TransactionsBlocked,
            Error::Unwritable => Self::DatabaseUnwritable,
            Error::Conflict { .. }
            | Error::Refused { .. }
            | Error::Stale { .. }
            | Error::Corrupt { .. }
            | Error::Abandoned
            | Error::ForeignMessages
            | Error::WouldLose
            | Error::Failed => Self::DatabaseFailed,
        }
    }

    /// What it means that the queues could not be looked at.
    #[must_use]
    pub fn of_broker(error: &broker::Error) -> Self {
        use broker::{Error, Mistake};
        if error.is_rejection() {
            return Self::BrokerRejects;
        }
        if error.is_missing() {
            return Self::QueueMissing;
        }
        match error {
            Error::ConnectTimeout => Self::BrokerSilent,
            Error::TopologyMismatch { .. } => Self::QueueMissing,
            Error::Untrusted(_) | Error::Settings(Mistake::Plain | Mistake::Authority) => {
                Self::BrokerUntrusted
            }
            Error::Settings(Mistake::Url | Mistake::Host) => Self::BrokerUnaddressed,
            Error::Connect(_)
            | Error::Channel(_)
            | Error::Declare(_)
            | Error::Consume(_)
            | Error::Stopped => Self::BrokerDown,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::diagnosis::Verdict;

    const PLAYBOOK: &str = include_str!("../../../../docs/playbook.md");

    #[test]
    fn findings_have_names_of_their_own_and_causes_come_first() {
        assert!(Finding::ALL.is_sorted());
        let mut names: Vec<_> = Finding::ALL.iter().map(|finding| finding.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Finding::ALL.len());
    }

    #[test]
    fn the_playbook_says_where_to_go_with_each_finding_and_each_trouble() {
        let named: BTreeSet<&str> = PLAYBOOK
            .lines()
            .filter(|line| line.starts_with("| `"))
            .filter_map(|line| line.split('|').nth(1))
            .flat_map(|cell| cell.split('`').skip(1).step_by(2))
            .collect();
        let troubles = Verdict::ALL.iter().filter(|verdict| verdict.is_trouble());
        let troubles = troubles.map(|verdict| verdict.as_str());
        for name in Finding::ALL
            .iter()
            .map(|finding| finding.as_str())
            .chain(troubles)
        {
            assert!(named.contains(name), "docs/playbook.md does not know {name}");
        }
    }

    #[test]
    fn a_check_that_fails_is_named_by_its_cause() {
        let checks = [
            "broker_takes",
            "blobs",
            "database_room",
            "audit_trail",
            "audit_tables",
            "certificate",
            "reports",
        ];
        assert_eq!(
            checks.map(Finding::of_check),
            [
                Finding::BrokerBlocked,
                Finding::BlobsUnwritable,
                Finding::DatabaseUnwritable,
                Finding::AuditTampered,
                Finding::AuditMismatch,
                Finding::CertificateExpires,
                Finding::ServiceDegraded
            ]
        );
    }

    #[test]
    fn a_database_is_only_down_if_nobody_gets_there() {
        use store::Error;
        let of = |error| Finding::of_database(&error);
        assert_eq!(of(Error::Unreachable), Finding::DatabaseDown);
        assert_eq!(of(Error::Contention), Finding::TransactionsBlocked);
        assert_eq!(of(Error::Timeout), Finding::DatabaseSilent);
        assert_eq!(of(Error::Rejected), Finding::DatabaseRejects);
        assert_eq!(of(Error::Untrusted), Finding::DatabaseUntrusted);
        assert_eq!(of(Error::Busy), Finding::DatabaseBusy);
        assert_eq!(of(Error::Unwritable), Finding::DatabaseUnwritable);
        assert_eq!(of(Error::Failed), Finding::DatabaseFailed);
    }
}
