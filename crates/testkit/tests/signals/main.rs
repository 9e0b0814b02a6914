//! Logs, metrics and traces of the whole system: what they must show, and what must not disturb them or be disturbed
//! by them.

#![expect(
    clippy::tests_outside_test_module,
    clippy::unwrap_used,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

mod contract;
mod disciplined;
mod forged;
mod held;
mod hostile;
mod measured;
mod silent;
mod stories;
mod story;
mod waiting;
