//! Where services listen that have to find their place again when they are started again.
//!
//! The system gives ports from 32,768 on to whoever connects, and servers of tests take theirs from 20,000 on.

use korrigo::stack::ports;

/// A free address that stays this test's.
#[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
pub(super) fn address() -> String {
    let port = ports::free_in(10_000..19_900).expect("a free port");
    format!("127.0.0.1:{port}")
}
