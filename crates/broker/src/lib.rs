//! `RabbitMQ` for Korrigo: declare the topology, publish with confirms, consume with outcomes, come back by itself.
//!
//! - [`Topology`]: the exchanges and queues, declared again at every connection of a publisher.
//! - [`Publisher`]: a message is sent when the broker has confirmed it, and not before.
//! - [`Consumer`]: every delivery runs in its own task and ends as an [`Outcome`].
//! - [`look`]: how much is in the queues; [`Letters`]: what was given up.
//! - [`State`]: what a readiness check watches.
//!
//! Publisher and consumer have a connection each, so that a blocked publisher does not stop the consumer. Any error
//! of a connection ends it; it is built anew after a back-off, for a publisher with the topology declared again. A consumer
//! declares nothing, so that its user needs no right to.
//!
//! Architecture invariant: this crate knows nothing of jobs, of their bodies or of the database. It is the only one
//! that uses `lapin`, it does not use that client's own recovery, and it spawns nothing but the tasks of deliveries:
//! the future that runs a connection is given to the caller.

mod config;
mod connection;
mod consumer;
mod delivery;
mod error;
mod lanes;
mod letters;
mod look;
mod message;
mod publisher;
mod report;
mod session;
mod state;
mod supervisor;
mod tls;
mod topology;
mod wire;

pub use config::{Backoff, Config};
pub use consumer::Consumer;
pub use delivery::{Delivery, Outcome};
pub use error::{Error, Mistake, PublishError};
pub use letters::{DeadLetter, Letters};
pub use look::{Depth, SeenQueue, look};
pub use message::Message;
pub use publisher::Publisher;
pub use state::State;
pub use topology::{EXCHANGE, FINALIZE_QUEUE, IDENTITY_QUEUE, IMPORT_QUEUE, Topology};
