//! The grading-state service: the only process that changes state.
//!
//! gRPC comes in, each call is one use case, each use case is one transaction. Beside that it runs the
//! outbox relay (the only publisher), the reconciler, the gauges and the housekeeping.
//!
//! Architecture invariants: no PDF and no blob is touched here; no transaction is open across a network
//! call; authorization is decided in the transaction of the operation.

mod announcement;
mod app;
mod archives;
mod authorization;
mod checkpoints;
mod command;
mod comparisons;
mod completion;
mod config;
mod each;
mod error;
mod exam_fields;
mod finalize_input;
mod idempotent;
mod paging;
mod passwords;
mod recorded;
mod report;
mod rosters;
mod rpc;
mod session;
mod source;
mod tasks;
mod throttling;
mod turns;
mod use_cases;
mod view;

pub use app::build;
pub use config::Config;
