//! What can go wrong in a use case, and what the caller is told of it.

use contracts::{Code, Problem};
use domain::Refusal;
use store::Constraint;

use crate::throttling::Blocked;

/// Why a use case did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// The caller is told this.
    #[error("refused")]
    Refused(#[source] Problem),
    /// The database said no, or nothing.
    #[error("the database failed")]
    Store(#[from] store::Error),
    /// Too many guesses were wrong.
    #[error("throttled")]
    Throttled(#[from] Blocked),
    /// So many scans wait that no further ones are taken.
    #[error("too many scans wait")]
    Backlog,
    /// A stored answer cannot be read back.
    #[error("a stored answer is unreadable")]
    StoredAnswer(#[source] prost::DecodeError),
}

impl From<Problem> for Error {
    fn from(problem: Problem) -> Self {
        Self::Refused(problem)
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self::Refused(code.into())
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal.into())
    }
}

impl Error {
    /// What the caller is told.
    pub(crate) fn into_problem(self) -> Problem {
        match self {
            Self::Refused(problem) => problem,
            Self::Store(error) => of_store(&error),
            Self::Throttled(blocked) => blocked.into(),
            Self::Backlog => Problem::of(Code::Unavailable),
            Self::StoredAnswer(_) => Problem::of(Code::Internal),
        }
    }
}

impl From<Blocked> for Problem {
    fn from(blocked: Blocked) -> Self {
        // Rounded up: who waits as long as told is not refused again.
        let seconds = blocked.wait.num_seconds().saturating_add(1);
        Self::of(Code::SlowDown).with("retry_after_seconds", seconds.to_string())
    }
}

/// A full pool and a lost connection say: try again. A rule of the schema that a correct service never
/// breaks says: this is a bug.
fn of_store(error: &store::Error) -> Problem {
    use store::Error as Store;
    Problem::of(match error {
        // It broke under way: whether it was committed is not known.
        Store::Lost => Code::Timeout,
        Store::Busy
        | Store::Unreachable
        | Store::Rejected
        | Store::Untrusted
        | Store::Full
        | Store::Silent
        | Store::Timeout
        | Store::Unwritable
        | Store::Denied
        | Store::SchemaBehind
        | Store::SchemaUnknown
        | Store::Migration { .. }
        | Store::ForeignMessages => Code::Unavailable,
        Store::Contention | Store::Deadlock | Store::Stale { .. } => Code::DbContention,
        Store::Conflict {
            constraint: Constraint::DuplicateSource,
        } => Code::DuplicateSource,
        Store::Conflict {
            constraint: Constraint::StudentHasCopy,
        } => Code::StudentHasCopy,
        Store::Conflict {
            constraint:
                Constraint::DuplicateLogin
                | Constraint::DuplicateEvent
                | Constraint::DuplicateNumber
                | Constraint::DuplicateStudent
                | Constraint::UnknownExam
                | Constraint::UnknownCorrector
                | Constraint::UnknownStudent,
        }
        | Store::Refused { .. }
        | Store::Corrupt { .. }
        | Store::Abandoned
        | Store::WouldLose
        | Store::Failed => Code::Internal,
    })
}
