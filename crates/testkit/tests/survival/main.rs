//! What must survive: processes that die at any step, servers that go away, networks and clients that misbehave.
//!
//! The judge is what clients wrote down: every write that was acknowledged to them is there, once, whatever happened
//! meanwhile; and when a system is dropped, its books are in order.

#![expect(
    clippy::panic,
    clippy::tests_outside_test_module,
    clippy::unwrap_used,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

mod broker;
mod bulk;
mod certificates;
mod clocks;
mod corrector;
mod database;
mod kills;
mod ledger;
mod messages;
mod network;
mod poison;
mod rolling;
mod servers;
mod soon;
mod storage;
mod strangers;
mod volumes;
mod wires;
mod zombies;

use testkit::rounds;
