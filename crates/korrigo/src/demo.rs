//! What the local stack shows when it starts: invented scans of invented copies.
//!
//! Nothing here talks to a service; it only makes bytes, and the same bytes for the same seed.

pub mod class;
pub mod objects;
pub mod scans;
