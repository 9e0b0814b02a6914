//! One pupil's copy: what it is, and the only ways it changes.
//!
//! Each command takes the copy as it was stored and gives what is to be stored with the event it leaves, or the reason
//! why not. Commands that change the state are in one file per stage of a copy's life.

mod adjusting;
mod anonymous_id;
mod command;
mod correcting;
mod dispatching;
mod erasing;
mod grading;
mod identifying;
mod importing;
mod locking;
mod merging;
mod registration;
mod reordering;
mod restoring;
#[cfg(test)]
mod samples;
mod staging;
mod state;
mod transition;
#[cfg(test)]
mod walks;

pub use anonymous_id::AnonymousId;
pub use command::{Asked, Attempted};
pub use correcting::{Change, Correction, Editor};
pub use grading::{Disclosure, Tally, Variant};
pub use identifying::{Identification, Standing};
pub use locking::Locking;
pub use merging::{Merge, Part, Room};
pub use registration::{NewCopy, Registration};
pub use reordering::Reordering;
pub use restoring::Restoration;
pub use state::{Grading, Import, State, Stored};
pub use transition::{Started, Transition};

use crate::Timestamp;
use crate::digest::{Digest, FileSize};
use crate::ids::{BookletId, CopyId, ExamId, UserId};
use crate::points::Points;
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
    /// Where its pages come from, in order; nowhere any more, if it gave them all to another copy.
    pub booklets: Vec<Booklet>,
    /// Where it stands.
    pub state: State,
    /// Who is to correct it; nobody in particular, until copies are dispatched.
    pub corrector: Option<UserId>,
    /// Counts its locks. An older number is powerless.
    pub lock_fence: i64,
    /// Counts the changes of its state.
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

/// Why a command was refused. Nothing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// The copy is not where the command starts from.
    #[error("the copy is {0}")]
    WrongState(Status),
    /// The copy has no pages yet.
    #[error("the copy has no pages")]
    NoPages,
    /// Somebody else has the lock.
    #[error("somebody else has the lock")]
    AlreadyLocked {
        /// Until when, without a sign of life.
        expires_at: Timestamp,
    },
    /// The lock that the caller had has ended.
    #[error("the lock has expired")]
    Expired,
    /// The token is not the lock's, or missing.
    #[error("the token is not the lock's")]
    TokenMismatch,
    /// Nobody has the lock, and the caller did not say that they had.
    #[error("the copy is not locked")]
    LockRequired,
    /// The copy has its corrected document.
    #[error("the copy is graded")]
    AlreadyGraded,
    /// The copy has no corrected document.
    #[error("the copy is not graded")]
    NotGraded,
    /// The copy has fewer pages.
    #[error("the copy has no such page")]
    PageOutOfRange,
    /// The copy has as many annotations as it may have.
    #[error("the copy has too many annotations")]
    TooManyAnnotations,
    /// The copy has as many lines as it may have.
    #[error("the copy has too much ink")]
    TooMuchInk,
    /// The marking scheme has no such question.
    #[error("there is no such question")]
    UnknownQuestion,
    /// A question is given less than nothing.
    #[error("the points are below zero")]
    Negative,
    /// A question is given more than it can bring.
    #[error("the points are above the maximum")]
    AboveMax {
        /// What it can bring.
        max: Points,
    },
    /// The total is not between zero and the maximum.
    #[error("the score is out of range")]
    ScoreOutOfRange {
        /// What the marks add up to.
        total: Points,
        /// The maximum of the exam.
        max: Points,
    },
    /// Somebody changed it since the caller read it.
    #[error("the version is stale")]
    StaleVersion,
    /// Together, two copies would have more pages or bytes than one may have.
    #[error("the copies are too large for one")]
    TooLarge,
    /// An order is not of the copy's own booklets, each once.
    #[error("the booklets are not those of the copy")]
    OtherBooklets,
}
