//! Every event that a process of this system can log, by family.
//!
//! This is the whole registry: what is not declared here cannot be logged. How to add one is said in
//! [`event`](crate::event).

mod audit;
mod batch;
mod blob;
mod broker;
mod child;
mod copy;
mod correcting;
mod database;
mod http;
mod job;
mod outbox;
mod process;
mod retention;
mod rpc;
mod session;
mod tls;

pub use audit::*;
pub use batch::*;
pub use blob::*;
pub use broker::*;
pub use child::*;
pub use copy::*;
pub use correcting::*;
pub use database::*;
pub use http::*;
pub use job::*;
pub use outbox::*;
pub use process::*;
pub use retention::*;
pub use rpc::*;
pub use session::*;
pub use tls::*;

use crate::event::Descriptor;

/// Every event, family by family.
pub const ALL: &[&[&Descriptor]] = &[
    PROCESS, HTTP, RPC, SESSION, COPY, BATCH, CORRECTING, AUDIT, JOB, OUTBOX, BROKER, DATABASE, CHILD, BLOB,
    RETENTION, TLS,
];

/// Every event.
pub fn all() -> impl Iterator<Item = &'static Descriptor> {
    ALL.iter().flat_map(|family| family.iter().copied())
}
