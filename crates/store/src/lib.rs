//! PostgreSQL behind one way in: [`Database::transaction`].
//!
//! A use case is plain synchronous code over a [`Tx`]: it reads and locks rows, asks the domain what may
//! happen, and stores the answer. A copy changes only through [`Tx::record`] and [`Tx::register`], which store
//! the change together with its audit event and its message, or nothing at all. The database checks this
//! again with its own triggers, also against this crate.
//!
//! What is deliberately absent: rules (they are in `domain`), the broker (the relay reads the [`Outbox`]),
//! connections outside of transactions, and the driver's error texts, which may quote rows.

mod accounts;
mod annotations;
mod archives;
mod audit_tree;
pub mod backup;
mod batches;
mod blobs;
pub mod blockers;
mod booklets;
pub mod bootstrap;
mod change_sets;
mod clock;
mod columns;
mod config;
mod copies;
mod database;
mod diagnosis;
mod dispatch;
mod documents;
mod drafts;
mod error;
mod events;
mod exams;
mod gate;
mod idempotency;
mod identities;
mod invitations;
mod jobs;
mod last_backup;
mod listing;
mod locks;
mod marks;
pub mod migrations;
mod notifications;
pub mod openssl;
mod outbox;
mod pages;
mod readings;
mod reconciliation;
mod releases;
mod report;
mod results;
mod retention;
mod room;
mod schema;
mod scheme;
mod sessions;
mod statistics;
mod stuck;
mod students;
mod throttles;
mod touched;
mod trails;
mod tx;
mod unfinished;
mod users;
mod verification;
mod vouched;
mod wire;

pub use accounts::ChangedAccount;
pub use annotations::{AnnotationView, Annotations};
pub use archives::{ArchiveView, Archives};
pub use audit_tree::{AuditTree, EventFilter};
pub use batches::{BatchCopy, BatchOutcome, BatchView, Batches};
pub use blobs::Blobs;
pub use blockers::{Blocker, Blockers};
pub use booklets::Booklets;
pub use change_sets::{ChangeSetView, ChangeSets};
pub use config::Config;
pub use copies::{Copies, CopyFilter, CopyView};
pub use database::Database;
pub use diagnosis::{Diagnosis, JobsOf, SeenCopy, SeenEvent, SeenJob, SeenLock, SeenMessage};
pub use dispatch::Dispatch;
pub use documents::DocumentsOfCopies;
pub use drafts::Drafts;
pub use error::{Constraint, Error};
pub use events::{End, Entry, Events};
pub use exams::Exams;
pub use idempotency::{Begun, Idempotency, IdempotencyKey};
pub use identities::{Identities, Identity};
pub use invitations::Invitations;
pub use jobs::{JobInput, JobView, Jobs};
pub use last_backup::backup_taken;
pub use listing::Listing;
pub use locks::{Held, Locks};
pub use marks::MarksOfCopies;
pub use notifications::{JobChanged, Notifications};
pub use outbox::{Backlog, Cause, Envelope, Leased, Outbox, PublishFault};
pub use pages::Pages;
pub use readings::Readings;
pub use reconciliation::Reconciliation;
pub use releases::Releases;
pub use results::{OwnResult, Results, WholeResult};
pub use retention::{Expired, ExpiredExam, Retention};
pub use sessions::{Authenticated, Sessions};
pub use statistics::{GivenPoints, Progress, Statistics};
pub use stuck::{SeenBatch, Stuck};
pub use students::{StudentFilter, Students};
pub use throttles::Throttles;
pub use trails::{Chained, Planted, Trails};
pub use tx::Tx;
pub use unfinished::{Unfinished, unfinished};
pub use users::{UserView, Users};
pub use verification::{Scope, Verified, verify, verify_telling};
pub use vouched::vouched;
