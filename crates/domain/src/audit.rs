//! The audit trail: which event a change leaves, and what it may say.
//!
//! Metadata is a closed enum. It holds ids, numbers and codes; never a name, a text or a mark's reason.
//!
//! The trail proves itself in three ways: each copy's events are a chain, the events of all copies are the leaves of
//! one tree, and checkpoints of that tree are signed and kept elsewhere.

mod actor;
mod chain;
mod checkpoint;
mod diagnosis;
mod event;
mod finding;
mod leaf;
mod metadata;
mod note;
mod proof;
pub mod tree;

pub use actor::Actor;
pub use chain::{Broken, GENESIS, Link, hash, verify};
pub use checkpoint::{Notes, checkpoint, checkpoint_roots, open_checkpoint};
pub use diagnosis::Trail;
pub use event::{Event, Recorded};
pub use finding::{Finding, Place, Tampering};
pub use leaf::Leaf;
pub use metadata::{
    Action, DispatchHow, EraseCause, Exported, Finalize, IdentityMethod, Import, MergePart, Metadata,
    RemarkTarget, Restore, UnlockReason,
};
pub use note::{KeyName, NoteError, SigningKey, VerifyingKey};
pub use proof::{Prover, Root, continues, includes};
pub use tree::Frontier;
