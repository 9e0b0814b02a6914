//! What answers look like as JSON. Each shape is made of what grading sent and decides nothing.

mod annotation;
mod batch;
mod copy;
mod draft;
mod event;
mod exam;
mod job;
mod list;
mod lock;
mod marks;
pub(crate) mod names;
mod scheme;
mod session;
mod started;
mod student;
mod time;
mod user;
mod validated;
mod versioned;

pub(crate) use annotation::{Annotation, Rectangle, Stroke};
pub(crate) use batch::{Batch, BatchWithCopies, DiscardedBatch};
pub(crate) use copy::Copy;
pub(crate) use draft::Draft;
pub(crate) use event::Event;
pub(crate) use exam::{Exam, IdentityZone};
pub(crate) use job::Job;
pub(crate) use list::List;
pub(crate) use lock::{LiveLock, Lock, LockStatus};
pub(crate) use marks::{Appreciation, Marks, Remark};
pub(crate) use scheme::MarkingScheme;
pub(crate) use session::{CurrentSession, OpenedSession};
pub(crate) use started::{Registered, RegisteredBatch, Started};
pub(crate) use student::{ImportedStudents, Student};
pub(crate) use user::{Account, Invitation, InvitedAccount};
pub(crate) use validated::Validated;
pub(crate) use versioned::Versioned;
