//! Errors for a receiver that speaks the protocol of Sentry, if there is one: another sink beside the log files, with a queue
//! and a thread of its own.
//!
//! A report is made of an event of the closed registry and nothing else: what happened, where, in which request. It has not even
//! the fields of the event. What finds no room in the queue, or no receiver, only the metric of dropped lines tells. There is no
//! TLS: the receiver, or a relay to it, is in the same house.

mod dsn;
mod envelope;
mod post;

pub use dsn::{Dsn, NotADsn};
pub(crate) use post::Reporter;
