//! The PDF worker: takes a job's message, claims the job, has the document processed in a sandboxed child,
//! stores the results and reports.
//!
//! Architecture invariants: it has no database and publishes nothing; a next step is the grading service's
//! to order. No document is opened in this process, only in its children.

mod app;
mod archive;
mod config;
mod document;
mod enforcement;
mod failure;
mod finalize;
mod grading;
mod handle;
mod heartbeat;
mod import;
mod kind;
mod originals;
mod reading;
mod running;
mod source;
mod split;
mod spool;
mod sweep;
mod told;
mod worker;

pub mod child;
pub mod sandbox;

pub use app::build;
pub use config::Config;
