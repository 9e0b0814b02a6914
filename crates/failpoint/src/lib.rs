//! Places at which a test may have a process die, as `kill -9` would have it: no destructor runs, nothing is flushed, no
//! connection says goodbye.
//!
//! The places are a closed list, so that a test goes through all of them and notices one that is never reached. Which one
//! a process dies at is said once, by the setting `KORRIGO_FAILPOINT`. Without the feature `failpoints` there is no
//! [`Plan`] that could be made, so a program that is shipped refuses that setting, and [`reach`] is nothing.
//!
//! The crate `fail` is not used: its names are text that any module may invent, it is configured while a program runs, and
//! it can delay, panic and return as well. Here a name that does not exist does not compile, and a process can only die.

#[cfg(not(feature = "failpoints"))]
mod absent;
#[cfg(feature = "failpoints")]
mod armed;
mod point;

#[cfg(not(feature = "failpoints"))]
pub use absent::{Plan, arm, reach, reach_in};
#[cfg(feature = "failpoints")]
pub use armed::{Plan, arm, reach, reach_in};
pub use point::Point;

#[cfg(all(feature = "failpoints", not(debug_assertions)))]
compile_error!("a program that is built to be shipped has no failpoints");

/// There is no such place, or this program has none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("expected the name of a failpoint, in a program that has them")]
pub struct Unknown;
