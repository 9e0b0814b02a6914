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
mod storage;
mod strangers;
mod volumes;
mod wires;
mod zombies;

/// How often and how deep: 1 for `make test`; `make prove` sets more.
#[expect(
    clippy::disallowed_methods,
    reason = "how long to go on is for the person who runs it to say"
)]
fn rounds() -> u32 {
    let said = std::env::var("KORRIGO_SURVIVAL_ROUNDS").ok();
    said.and_then(|text| text.parse().ok()).unwrap_or(1)
}

/// How often a server is killed: once for `make test`.
fn server_kills() -> u32 {
    if rounds() == 1 { 1 } else { 2 * rounds() }
}
