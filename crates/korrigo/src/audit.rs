//! The audit trail outside of the database: its keys, and exports that are verified without us.

mod key;
mod offline;

pub use key::{make_key, read_key};
pub use offline::{how_far, verify_export};
