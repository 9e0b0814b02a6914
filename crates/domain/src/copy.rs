//! One pupil's copy: what it is, and the only ways it changes.

mod anonymous_id;
mod registration;
mod transition;

pub use anonymous_id::AnonymousId;
pub use registration::{NewCopy, Registration};
pub use transition::{Attempted, Transition};

use crate::digest::{Digest, FileSize};
use crate::failure::FailureCode;
use crate::ids::{BookletId, CopyId, ExamId};
use crate::page::PageCount;
use crate::status::Status;

/// A copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copy {
    /// Its id.
    pub id: CopyId,
    /// The exam it belongs to.
    pub exam: ExamId,
    /// What correctors call it.
    pub anonymous_id: AnonymousId,
    /// Where its pages come from.
    pub booklet: Booklet,
    /// Where it stands.
    pub state: State,
    /// Counts the changes.
    pub version: i64,
}

/// The file that the pages of a copy come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Booklet {
    /// Its id.
    pub id: BookletId,
    /// The blob.
    pub source: Digest,
    /// Its size.
    pub size: FileSize,
}

/// Where a copy stands, with exactly what is known there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Registered, not yet checked by a person.
    Staging(Import),
    /// Checked; may be corrected.
    Ready {
        /// How many pages it has.
        pages: PageCount,
    },
}

/// How far the import of a copy in STAGING is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Import {
    /// The job has not ended.
    Pending,
    /// The pages are there.
    Done {
        /// How many.
        pages: PageCount,
    },
    /// The last attempt failed.
    Failed {
        /// Why.
        code: FailureCode,
    },
}

impl State {
    /// The state that a stored row describes; `None` for a combination that no transition makes.
    #[must_use]
    pub fn restore(status: Status, pages: Option<PageCount>, failure: Option<FailureCode>) -> Option<Self> {
        match (status, pages, failure) {
            (Status::Staging, None, None) => Some(Self::Staging(Import::Pending)),
            (Status::Staging, Some(pages), None) => Some(Self::Staging(Import::Done { pages })),
            (Status::Staging, None, Some(code)) => Some(Self::Staging(Import::Failed { code })),
            (Status::Ready, Some(pages), None) => Some(Self::Ready { pages }),
            (
                Status::Staging
                | Status::Ready
                | Status::Locked
                | Status::GradingInProgress
                | Status::Graded
                | Status::GradingFailed,
                _,
                _,
            ) => None,
        }
    }

    /// The name of the state.
    #[must_use]
    pub fn status(self) -> Status {
        match self {
            Self::Staging(_) => Status::Staging,
            Self::Ready { .. } => Status::Ready,
        }
    }

    /// How many pages there are, once that is known.
    #[must_use]
    pub fn pages(self) -> Option<PageCount> {
        match self {
            Self::Staging(Import::Done { pages }) | Self::Ready { pages } => Some(pages),
            Self::Staging(Import::Pending | Import::Failed { .. }) => None,
        }
    }

    /// Why the last import failed, while that is the last that happened.
    #[must_use]
    pub fn failure(self) -> Option<FailureCode> {
        match self {
            Self::Staging(Import::Failed { code }) => Some(code),
            Self::Staging(Import::Pending | Import::Done { .. }) | Self::Ready { .. } => None,
        }
    }
}

/// Why a command was refused. Nothing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The copy is not where the command starts from.
    #[error("the copy is {0}")]
    WrongState(Status),
    /// The copy has no pages yet.
    #[error("the copy has no pages")]
    NoPages,
}
