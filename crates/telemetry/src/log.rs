//! Log lines, from the event to the file.
//!
//! The calling thread makes a record and puts it into a bounded queue for each sink; a thread per sink
//! formats and writes. A sink that cannot keep up loses lines, counts them and says so later; it never makes
//! anybody wait.

mod file;
mod human;
mod json;
mod limiter;
mod lines;
mod pipeline;
mod queue;
mod record;
mod rotation;
mod sink;
mod writer;

pub(crate) use json::Identity;
pub use lines::Lines;
pub(crate) use pipeline::{flush, log_third_party, start, write_audit};
pub use pipeline::{log, write_from};
pub(crate) use record::{Content, Record};
pub use sink::Sink;
