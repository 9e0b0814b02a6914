//! What can go wrong, by meaning. The driver's text never leaves the crate: it quotes values of rows.

use diesel::result::{DatabaseErrorInformation, DatabaseErrorKind};

/// Why a transaction did not commit, or a connection was not made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// All connections were in use for longer than a caller may wait.
    #[error("no connection was free in time")]
    Busy,
    /// No connection could be made.
    #[error("the database cannot be reached")]
    Unreachable,
    /// The server is there and lets this role not in: its name, its password, the database, or where it comes from.
    #[error("the database does not let this role in")]
    Rejected,
    /// The server shows no certificate that the URL accepts, or does not encrypt at all although the URL asks for it.
    #[error("the database shows no certificate that its url accepts")]
    Untrusted,
    /// The server is there and has no connection left.
    #[error("the database has no connection left")]
    Full,
    /// Something took the connection and said nothing.
    #[error("the database did not answer in time")]
    Silent,
    /// The connection broke. If it broke during the commit, the transaction may have committed.
    #[error("the connection was lost")]
    Lost,
    /// Another transaction was in the way: a lock not got in time, a failed serialization.
    #[error("another transaction was in the way")]
    Contention,
    /// Two transactions waited for each other. One of them takes its locks in the wrong order.
    #[error("two transactions waited for each other")]
    Deadlock,
    /// A statement ran longer than it may.
    #[error("a statement took too long")]
    Timeout,
    /// The server cannot write: its disk is full or fails, or it is one that only reads.
    #[error("the database has no room or cannot write")]
    Unwritable,
    /// A step back would take away what somebody did or what the trail has.
    #[error("what people did, or the trail of it, would be lost")]
    WouldLose,
    /// A named constraint that callers have an answer to.
    #[error("{constraint} is violated")]
    Conflict {
        /// Which.
        constraint: Constraint,
    },
    /// A rule of the schema that a correct caller never breaks.
    #[error("the schema refused the change by its rule {rule}")]
    Refused {
        /// Its name in the schema.
        rule: &'static str,
    },
    /// The role lacks the privilege.
    #[error("the role may not do this")]
    Denied,
    /// The row has changed since the caller read it, or is not there.
    #[error("a row of {table} changed meanwhile")]
    Stale {
        /// Where.
        table: &'static str,
    },
    /// A row that no version of the program writes.
    #[error("a row of {table} makes no sense")]
    Corrupt {
        /// Where.
        table: &'static str,
    },
    /// The work went on after a statement had failed; nothing of it was kept.
    #[error("an earlier statement of the transaction had failed")]
    Abandoned,
    /// The schema lacks migrations of this program.
    #[error("the schema is older than this program")]
    SchemaBehind,
    /// The schema has migrations that this program does not know and would have to.
    #[error("the schema is too new for this program")]
    SchemaUnknown,
    /// A migration failed; it left nothing behind.
    #[error("migration {version} failed")]
    Migration {
        /// Which.
        version: Box<str>,
        /// Why.
        #[source]
        source: Box<Error>,
    },
    /// Messages of the server are in a language that errors cannot be told apart in.
    #[error("the server's messages are not in English (lc_messages of the role)")]
    ForeignMessages,
    /// Anything else.
    #[error("the database failed")]
    Failed,
}

/// The constraints that callers have an answer to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Constraint {
    /// The exam already has a copy made of these bytes.
    DuplicateSource,
    /// Another user has the login.
    DuplicateLogin,
    /// The operation has already done this to the copy.
    DuplicateEvent,
    /// There is no such exam.
    UnknownExam,
    /// There is no such user to be a corrector.
    UnknownCorrector,
    /// The pupil has another copy of the exam.
    StudentHasCopy,
    /// There is no such pupil.
    UnknownStudent,
    /// Another pupil has the number.
    DuplicateNumber,
    /// Another pupil has the names and the day of birth.
    DuplicateStudent,
}

impl Constraint {
    const ALL: [Self; 9] = [
        Self::DuplicateSource,
        Self::DuplicateLogin,
        Self::DuplicateEvent,
        Self::UnknownExam,
        Self::UnknownCorrector,
        Self::StudentHasCopy,
        Self::UnknownStudent,
        Self::DuplicateNumber,
        Self::DuplicateStudent,
    ];

    /// Its name in the schema.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::DuplicateSource => "booklets_source_once",
            Self::DuplicateLogin => "users_login_once",
            Self::DuplicateEvent => "grading_events_operation_once",
            Self::UnknownExam => "copies_exam_fkey",
            Self::UnknownCorrector => "exam_correctors_user_fkey",
            Self::StudentHasCopy => "identities_student_once",
            Self::UnknownStudent => "identities_student_fkey",
            Self::DuplicateNumber => "students_number_once",
            Self::DuplicateStudent => "students_match_once",
        }
    }
}

impl std::fmt::Display for Constraint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Error {
    /// Whether nobody can work with the database until it is back.
    pub(crate) const fn is_outage(&self) -> bool {
        matches!(
            self,
            Self::Unreachable | Self::Rejected | Self::Untrusted | Self::Full | Self::Silent | Self::Lost
        )
    }
}

impl From<&Error> for &'static str {
    /// The code of an error, for logs and traces.
    fn from(error: &Error) -> &'static str {
        match error {
            Error::Busy => "busy",
            Error::Unreachable => "unreachable",
            Error::Rejected => "rejected",
            Error::Untrusted => "untrusted",
            Error::Full => "full",
            Error::Silent => "silent",
            Error::Lost => "lost",
            Error::Contention => "contention",
            Error::Deadlock => "deadlock",
            Error::Timeout => "timeout",
            Error::Unwritable => "unwritable",
            Error::WouldLose => "would_lose",
            Error::Conflict { constraint } => constraint.name(),
            Error::Refused { rule } => rule,
            Error::Denied => "denied",
            Error::Stale { .. } => "stale",
            Error::Corrupt { .. } => "corrupt",
            Error::Abandoned => "abandoned",
            Error::SchemaBehind => "schema_behind",
            Error::SchemaUnknown => "schema_unknown",
            Error::Migration { .. } => "migration",
            Error::ForeignMessages => "foreign_messages",
            Error::Failed => "failed",
        }
    }
}

impl From<diesel::result::Error> for Error {
    fn from(error: diesel::result::Error) -> Self {
        Self::from(&error)
    }
}

impl From<&diesel::result::Error> for Error {
    fn from(error: &diesel::result::Error) -> Self {
        use diesel::result::Error as Driver;
        #[expect(clippy::wildcard_enum_match_arm, reason = "the enum is the driver's and open")]
        match error {
            Driver::DatabaseError(kind, information) => of_database(*kind, information.as_ref()),
            Driver::RollbackErrorOnCommit { commit_error, .. } => Self::from(commit_error.as_ref()),
            Driver::BrokenTransactionManager => Self::Lost,
            // None of the rest is part of a correct program.
            _ => Self::Failed,
        }
    }
}

/// Why no connection was made in time, by what the driver said last, if it said anything. The server speaks its own language
/// before it knows the role: what is said in another one is [`Error::Unreachable`].
pub(crate) fn of_connection(said: Option<&str>) -> Error {
    const MEANINGS: [(&str, Error); 9] = [
        ("no password supplied", Error::Rejected),
        ("authentication failed", Error::Rejected),
        ("no pg_hba.conf entry", Error::Rejected),
        ("does not exist", Error::Rejected),
        ("is not permitted to log in", Error::Rejected),
        ("permission denied for database", Error::Rejected),
        ("too many clients already", Error::Full),
        ("too many connections", Error::Full),
        ("remaining connection slots are reserved", Error::Full),
    ];
    const NOT_TRUSTED: [&str; 5] = [
        "certificate verify failed",
        "does not match host name",
        "does not support SSL",
        "root certificate file",
        "SSL support is not compiled in",
    ];
    let Some(said) = said else {
        return Error::Silent;
    };
    if NOT_TRUSTED.iter().any(|words| said.contains(words)) {
        return Error::Untrusted;
    }
    if said.contains("timeout expired") {
        return Error::Silent;
    }
    let by_server = said.split_once("FATAL:").map_or("", |(_, words)| words);
    MEANINGS
        .into_iter()
        .find(|(words, _)| by_server.contains(words))
        .map_or(Error::Unreachable, |(_, meaning)| meaning)
}

fn of_database(kind: DatabaseErrorKind, information: &dyn DatabaseErrorInformation) -> Error {
    match kind {
        DatabaseErrorKind::SerializationFailure => Error::Contention,
        DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand => Error::Lost,
        // The server that was written to is another one's copy by now.
        DatabaseErrorKind::ReadOnlyTransaction => Error::Unwritable,
        DatabaseErrorKind::UniqueViolation
        | DatabaseErrorKind::ForeignKeyViolation
        | DatabaseErrorKind::NotNullViolation
        | DatabaseErrorKind::CheckViolation
        | DatabaseErrorKind::RestrictViolation
        | DatabaseErrorKind::ExclusionViolation => of_constraint(information.constraint_name().unwrap_or("")),
        // The driver keeps the SQLSTATE to itself.
        _ => of_message(information.message()),
    }
}

fn of_constraint(name: &str) -> Error {
    match Constraint::ALL.into_iter().find(|known| known.name() == name) {
        Some(constraint) => Error::Conflict { constraint },
        None => Error::Refused { rule: rule(name) },
    }
}

/// The name as the migrations have it, so that nothing the server says is carried on.
fn rule(name: &str) -> &'static str {
    const RULES: &str = env!("KORRIGO_SCHEMA_RULES");
    RULES.split(',').find(|known| *known == name).unwrap_or("unnamed")
}

/// Tells apart what the driver does not, by the first words of the server's own sentences, and by the last of those in which
/// it repeats what the system said. They are fixed for a language, and `Database::connect` makes sure of the language. The
/// text is compared, never kept.
fn of_message(message: &str) -> Error {
    const MEANINGS: [(&str, Error); 14] = [
        ("canceling statement due to lock timeout", Error::Contention),
        ("could not obtain lock", Error::Contention),
        ("deadlock detected", Error::Deadlock),
        ("canceling statement due to", Error::Timeout),
        ("could not extend file", Error::Unwritable),
        ("could not write", Error::Unwritable),
        ("terminating connection", Error::Lost),
        ("server closed the connection", Error::Lost),
        // Something on the way has changed what one of both said.
        ("lost synchronization with server", Error::Lost),
        ("invalid frontend message type", Error::Lost),
        ("permission denied", Error::Denied),
        ("must be owner", Error::Denied),
        ("the audit trail is append-only", Error::Denied),
        // What our own steps say before they take something away.
        ("there are ", Error::WouldLose),
    ];
    const OF_DISKS: [&str; 4] = [
        ": No space left on device",
        ": Disk quota exceeded",
        ": Read-only file system",
        ": Input/output error",
    ];
    if OF_DISKS.iter().any(|end| message.ends_with(end)) {
        return Error::Unwritable;
    }
    MEANINGS
        .into_iter()
        .find(|(beginning, _)| message.starts_with(beginning))
        .map_or(Error::Failed, |(_, meaning)| meaning)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: DatabaseErrorKind, message: &str) -> Error {
        diesel::result::Error::DatabaseError(kind, Box::new(message.to_owned())).into()
    }

    #[test]
    fn what_the_driver_calls_unknown_is_told_apart_by_the_words_of_the_server() {
        let unknown = |message| of(DatabaseErrorKind::Unknown, message);
        assert_eq!(
            unknown("canceling statement due to lock timeout"),
            Error::Contention
        );
        assert_eq!(
            unknown("canceling statement due to statement timeout"),
            Error::Timeout
        );
        assert_eq!(
            unknown("terminating connection due to administrator command"),
            Error::Lost
        );
        for garbled in [
            "lost synchronization with server: got message type \"\u{fffd}\", length -5",
            "invalid frontend message type 174",
        ] {
            assert_eq!(unknown(garbled), Error::Lost);
        }
        assert_eq!(
            unknown("permission denied for table grading_events"),
            Error::Denied
        );
        for full in [
            "could not extend file \"base/16384/16399\": No space left on device",
            "could not write to file \"base/pgsql_tmp/pgsql_tmp4711.0\": No space left on device",
            "could not extend file \"base/16384/16399\": wrote only 4096 of 8192 bytes at block 7",
            "could not resize shared memory segment \"/PostgreSQL.4711\" to 4194304 bytes: No space left on device",
            "could not create file \"base/16384/16400\": Disk quota exceeded",
            "could not open file \"base/16384/16401\": Read-only file system",
            "could not read block 7 in file \"base/16384/16402\": Input/output error",
        ] {
            assert_eq!(unknown(full), Error::Unwritable);
        }
        let only_reads = DatabaseErrorKind::ReadOnlyTransaction;
        let said = "cannot execute UPDATE in a read-only transaction";
        assert_eq!(of(only_reads, said), Error::Unwritable);
        assert_eq!(unknown("there are pupils"), Error::WouldLose);
        assert_eq!(unknown("relation \"x\" does not exist"), Error::Failed);
    }

    #[test]
    fn who_is_not_let_in_is_told_from_who_finds_nobody_and_from_who_gets_no_answer() {
        let fatal =
            |words: &str| of_connection(Some(&format!("connection to server failed: FATAL:  {words}")));
        for rejected in [
            "password authentication failed for user \"korrigo_app\"",
            "database \"korrigo\" does not exist",
            "no pg_hba.conf entry for host \"10.0.0.1\"",
        ] {
            assert_eq!(fatal(rejected), Error::Rejected);
        }
        assert_eq!(fatal("sorry, too many clients already"), Error::Full);
        assert_eq!(fatal("the database system is starting up"), Error::Unreachable);
        let nobody = "connection to server at \"127.0.0.1\", port 1 failed: Connection refused";
        assert_eq!(of_connection(Some(nobody)), Error::Unreachable);
        assert_eq!(of_connection(None), Error::Silent);
        for untrusted in [
            "connection to server at \"127.0.0.1\", port 1 failed: SSL error: certificate verify failed",
            "server certificate for \"elsewhere\" does not match host name \"127.0.0.1\"",
            "server does not support SSL, but SSL was required",
            "root certificate file \"/nowhere\" does not exist",
            "sslmode value \"verify-full\" invalid when SSL support is not compiled in",
        ] {
            assert_eq!(of_connection(Some(untrusted)), Error::Untrusted);
        }
    }

    #[test]
    fn no_error_repeats_what_the_driver_said() {
        let error = of(
            DatabaseErrorKind::UniqueViolation,
            "Key (login)=(marie) already exists",
        );
        assert!(!format!("{error:?} {error}").contains("marie"));
    }
}
