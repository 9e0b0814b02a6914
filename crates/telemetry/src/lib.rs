//! Logs, metrics, traces, and what ties them together over HTTP, gRPC and AMQP.
//!
//! - [`log()`] writes one of the [`events`]: a closed registry of typed events. Text cannot be logged.
//! - [`audit()`] writes the copy of an audit event to the audit log.
//! - [`metrics`] records into one inventory of metrics.
//! - [`span`] makes spans, [`context`] keeps request id and span with the work, [`propagation`] carries both
//!   to the next process. [`http::Exchange`], [`grpc::ServerLayer`] and [`grpc::ClientLayer`] do all of it
//!   for a request or a call.
//! - [`Telemetry::start`] starts it in a process. Without it everything still works and nothing is shown.
//!
//! Architecture invariant: nothing here fails or waits on behalf of the work it observes. A full queue drops
//! and counts, a dead collector is not noticed.

// Clippy looks up the exception for the inner parts of `tracing::span!` at the root of the crate only.
#![expect(
    clippy::disallowed_macros,
    reason = "this is the one place that makes spans: span::new::make, and no other function"
)]

#[macro_use]
mod closed;
#[macro_use]
pub mod event;

mod audit;
mod causes;
mod clock;
mod code;
pub mod context;
mod error;
pub mod events;
pub mod grpc;
pub mod http;
pub mod inventory;
mod log;
pub mod loggable;
pub mod metrics;
mod name;
mod options;
mod panics;
mod place;
pub mod propagation;
mod quiet;
mod sentry;
pub mod span;
mod subscriber;
mod telemetry;
mod third_party;
mod trace;

pub use audit::{AuditLine, audit};
pub use causes::Causes;
pub use code::Code;
pub use context::{RequestContext, blocking, carry, detach, scope};
pub use error::Error;
pub use event::Level;
pub use log::{Lines, Sink, log, write_from};
pub use loggable::Loggable;
pub use name::ServiceName;
pub use options::{Options, Output};
pub use place::Place;
pub use propagation::Origin;
pub use quiet::Quiet;
pub use sentry::{Dsn, NotADsn};
pub use span::Span;
pub use telemetry::Telemetry;
