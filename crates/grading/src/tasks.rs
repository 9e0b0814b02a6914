//! What the service does of its own accord.

pub(crate) mod gauges;
pub(crate) mod health;
pub(crate) mod housekeeping;
pub(crate) mod locks;
pub(crate) mod reconciler;
pub(crate) mod relay;
pub(crate) mod tree;
pub(crate) mod verifier;

mod ticks;
