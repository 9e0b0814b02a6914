//! The rules of Korrigo: ids, copies and their states, jobs, pages, people, the audit trail.
//!
//! Everything here is pure and synchronous: no clock is read, nothing is stored, sent or logged.
//! Time comes in as an argument, and it is the database's. What a copy may do next is decided here and
//! nowhere else: a [`Transition`] can only be built by this crate, and only the store can record one.
//!
//! Architecture invariant: this crate depends on no other crate of the workspace and on no runtime.

#[macro_use]
pub mod names;
#[macro_use]
pub mod personal;
#[macro_use]
pub mod secret;

pub mod access;
pub mod annotation;
pub mod archive;
pub mod audit;
pub mod batch;
pub mod change_set;
pub mod copy;
pub mod digest;
pub mod dispatch;
pub mod document;
pub mod draft;
pub mod exam;
pub mod failure;
pub mod folding;
pub mod geometry;
pub mod ids;
pub mod invitation;
pub mod job;
pub mod lock;
pub mod marks;
pub mod matching;
pub mod page;
pub mod password;
pub mod points;
pub mod prose;
pub mod reading;
pub mod reason;
pub mod release;
pub mod request;
pub mod results;
pub mod retention;
pub mod roster;
pub mod scheme;
pub mod session;
pub mod statistics;
pub mod status;
pub mod student;
pub mod throttle;
pub mod user;

pub use access::{Access, Caller, Operation, Through};
pub use annotation::{Annotation, AnnotationKind};
pub use archive::Archive;
pub use batch::{Batch, BatchRegistration};
pub use change_set::{Adjustment, ChangeSet};
pub use copy::{AnonymousId, Copy, Refusal, Registration, State, Transition};
pub use digest::{Digest, FileSize};
pub use draft::Draft;
pub use exam::{Exam, ExamName, IdentityZone, Layout};
pub use failure::FailureCode;
pub use geometry::Rectangle;
pub use ids::{
    AnnotationId, ArchiveId, BatchId, BookletId, ChangeSetId, CopyId, EventId, ExamId, Ids, JobId,
    OperationId, OutboxId, ReleaseId, StudentId, TrailId, UserId, WorkerId,
};
pub use invitation::InvitationToken;
pub use job::{Job, JobKind, JobState, Task};
pub use lock::{Lock, LockToken};
pub use marks::Marks;
pub use page::{Page, PageCount, PageIndex, PageSize, Rotation};
pub use password::{NewPassword, PasswordHash};
pub use points::Points;
pub use prose::Prose;
pub use reading::Reading;
pub use reason::Reason;
pub use release::Release;
pub use request::{RequestId, TraceParent};
pub use scheme::{MarkingScheme, QuestionId};
pub use session::SessionToken;
pub use status::Status;
pub use student::Student;
pub use user::{DisplayName, Login, Role, User};

/// A moment, in UTC. It always comes from the database's clock.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
