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

pub mod access;
pub mod audit;
pub mod copy;
pub mod digest;
pub mod exam;
pub mod failure;
pub mod ids;
pub mod invitation;
pub mod job;
pub mod page;
pub mod password;
pub mod points;
pub mod request;
pub mod secret;
pub mod session;
pub mod status;
pub mod throttle;
pub mod user;

pub use access::{Access, Caller, Operation};
pub use copy::{AnonymousId, Copy, Refusal, Registration, State, Transition};
pub use digest::{Digest, FileSize};
pub use exam::{Exam, ExamName, IdentityZone, Layout};
pub use failure::FailureCode;
pub use ids::{BookletId, CopyId, EventId, ExamId, Ids, JobId, OperationId, OutboxId, UserId, WorkerId};
pub use invitation::InvitationToken;
pub use job::{Job, JobKind, JobState};
pub use page::{Page, PageCount, PageIndex, PageSize, Rotation};
pub use password::{NewPassword, PasswordHash};
pub use points::Points;
pub use request::{RequestId, TraceParent};
pub use session::SessionToken;
pub use status::Status;
pub use user::{DisplayName, Login, Role};

/// A moment, in UTC. It always comes from the database's clock.
pub type Timestamp = chrono::DateTime<chrono::Utc>;
