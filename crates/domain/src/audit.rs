//! The audit trail: which event a change leaves, and what it may say.
//!
//! Metadata is a closed enum. It holds ids, numbers and codes; never a name, a text or a mark's reason.
//!
//! A copy has a trail, and so has a person with access. The trail proves itself in three ways: each trail's events are a
//! chain, the events of all trails are the leaves of one tree, and checkpoints of that tree are signed and kept elsewhere.

mod action;
mod actor;
mod chain;
mod checkpoint;
mod deed;
mod diagnosis;
mod event;
mod finding;
mod leaf;
mod metadata;
mod note;
mod proof;
mod subject;
pub mod tree;

pub use action::Action;
pub use actor::Actor;
pub use chain::{Broken, GENESIS, Link, hash, verify};
pub use checkpoint::{Notes, checkpoint, checkpoint_roots, open_checkpoint};
pub use deed::{Act, Deed};
pub use diagnosis::Trail;
pub use event::{Event, Recorded};
pub use finding::{Finding, Place, Tampering};
pub use leaf::Leaf;
pub use metadata::{
    AddedHow, DispatchHow, EraseCause, Exported, Finalize, IdentityMethod, Import, MergePart, Metadata,
    PasswordHow, RemarkTarget, Restore, UnlockReason,
};
pub use note::{KeyName, NoteError, SigningKey, VerifyingKey};
pub use proof::{Prover, Root, continues, includes};
pub use subject::Subject;
pub use tree::Frontier;
