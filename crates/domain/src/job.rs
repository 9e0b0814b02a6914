//! Work for workers: how it is claimed, kept alive, ended and tried again.
//!
//! A claim is a lease with a fence. Whoever reports with an older fence than the job's is too late, and
//! nothing they did counts. Attempts are counted here, never by the broker.

mod claim;
mod intervention;
mod outcome;

pub use claim::{Claim, Claimed, Lease};
pub use intervention::Closed;
pub use outcome::{Failed, LateReport};

use crate::Timestamp;
use crate::failure::FailureCode;
use crate::ids::{BatchId, CopyId, ExamId, Ids, JobId, UserId, WorkerId};

closed_names! {
    /// What kinds of work there are.
    JobKind {
        /// Make pages of a copy's source.
        ImportCopy = "IMPORT_COPY",
        /// Make the corrected document of a copy.
        FinalizeCopy = "FINALIZE_COPY",
        /// Take a scan of many copies apart.
        SplitBatch = "SPLIT_BATCH",
        /// Read who wrote a copy.
        ReadIdentity = "READ_IDENTITY",
        /// Put the corrected documents of a release into one file.
        MakeArchive = "MAKE_ARCHIVE",
    }
}

/// What is to be done, and on what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Task {
    /// Make pages of the copy's source.
    Import(CopyId),
    /// Make the corrected document of the copy.
    Finalize(CopyId),
    /// Take the scan apart.
    Split(BatchId),
    /// Read who wrote the copy.
    Read(CopyId),
    /// Put the corrected documents of the exam's release into one file.
    Archive(ExamId),
}

impl Task {
    /// What kind of work it is.
    #[must_use]
    pub fn kind(self) -> JobKind {
        match self {
            Self::Import(_) => JobKind::ImportCopy,
            Self::Finalize(_) => JobKind::FinalizeCopy,
            Self::Split(_) => JobKind::SplitBatch,
            Self::Read(_) => JobKind::ReadIdentity,
            Self::Archive(_) => JobKind::MakeArchive,
        }
    }

    /// The copy that it is about, if it is about one.
    #[must_use]
    pub fn copy(self) -> Option<CopyId> {
        match self {
            Self::Import(copy) | Self::Finalize(copy) | Self::Read(copy) => Some(copy),
            Self::Split(_) | Self::Archive(_) => None,
        }
    }

    /// The batch that it is about, if it is about one.
    #[must_use]
    pub fn batch(self) -> Option<BatchId> {
        match self {
            Self::Split(batch) => Some(batch),
            Self::Import(_) | Self::Finalize(_) | Self::Read(_) | Self::Archive(_) => None,
        }
    }

    /// The exam that it is about, if it is about one as a whole.
    #[must_use]
    pub fn exam(self) -> Option<ExamId> {
        match self {
            Self::Archive(exam) => Some(exam),
            Self::Import(_) | Self::Finalize(_) | Self::Split(_) | Self::Read(_) => None,
        }
    }
}

closed_names! {
    /// Where a job stands.
    JobState {
        /// Waiting for a worker, perhaps until a back-off ends.
        Queued = "QUEUED",
        /// Claimed by a worker under a lease.
        Running = "RUNNING",
        /// Done.
        Succeeded = "SUCCEEDED",
        /// Given up.
        Failed = "FAILED",
        /// Stopped by a person.
        Cancelled = "CANCELLED",
    }
}

impl JobState {
    /// Whether the job will not change any more.
    #[must_use]
    pub fn is_final(self) -> bool {
        match self {
            Self::Queued | Self::Running => false,
            Self::Succeeded | Self::Failed | Self::Cancelled => true,
        }
    }
}

/// A piece of work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// What is to be done.
    pub task: Task,
    /// Who asked for it.
    pub owner: UserId,
    /// Where it stands.
    pub state: JobState,
    /// How many attempts have begun.
    pub attempt: u16,
    /// How many there may be.
    pub max_attempts: u16,
    /// Counts the claims. An older number is powerless.
    pub fence: i64,
    /// Who works on it, and until when that is believed without a sign of life.
    pub lease: Option<HeldLease>,
    /// How much is done.
    pub progress: Progress,
    /// Why the last attempt failed.
    pub failure: Option<FailureCode>,
    /// When the next attempt may begin.
    pub next_attempt_at: Option<Timestamp>,
    /// Counts the changes that a watcher may see.
    pub revision: i64,
}

/// A lease that somebody holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HeldLease {
    /// Who.
    pub worker: WorkerId,
    /// Until when.
    pub until: Timestamp,
}

/// How much of a job is done, in pages; that of an archive, in documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Progress {
    /// Pages done.
    pub done: u32,
    /// Pages in all; 0 while that is unknown.
    pub total: u32,
}

impl Job {
    /// How often a job is attempted.
    pub const MAX_ATTEMPTS: u16 = 3;

    /// A new job that waits for a worker.
    #[must_use]
    pub fn queued(task: Task, owner: UserId, ids: &Ids) -> Self {
        Self {
            id: ids.next(),
            task,
            owner,
            state: JobState::Queued,
            attempt: 0,
            max_attempts: Self::MAX_ATTEMPTS,
            fence: 0,
            lease: None,
            progress: Progress::default(),
            failure: None,
            next_attempt_at: None,
            revision: 1,
        }
    }

    /// The job after a change that watchers may see.
    #[must_use]
    fn revised(self) -> Self {
        Self {
            revision: self.revision + 1,
            ..self
        }
    }
}
