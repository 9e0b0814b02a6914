//! The audit trail: which event a change leaves, and what it may say.
//!
//! Metadata is a closed enum. It holds ids, numbers and codes; never a name, a text or a mark's reason.

mod actor;
mod chain;
mod event;
mod metadata;

pub use actor::Actor;
pub use chain::{Broken, GENESIS, Link, verify};
pub use event::{Event, Recorded};
pub use metadata::{Action, Finalize, Import, Metadata, RemarkTarget, UnlockReason};
