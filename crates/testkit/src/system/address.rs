//! Where services listen that have to find their place again when they are started again.

use std::process;
use std::sync::atomic::{AtomicU16, Ordering};

use korrigo::stack::ports;

/// Below the range from which the system gives ports to connections.
const FIRST: u16 = 20_000;
/// How many processes have ports of their own, and how many each has.
const PROCESSES: u16 = 400;
const EACH: u16 = 30;

/// A free address. Tests that run beside each other in processes of their own look at others, so that none finds a port free that
/// somebody else is about to take.
#[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
pub(super) fn address() -> String {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let process = u16::try_from(process::id() % u32::from(PROCESSES)).expect("few processes");
    let own = || FIRST + process * EACH + NEXT.fetch_add(1, Ordering::Relaxed) % EACH;
    let mut candidates = std::iter::repeat_with(own).take(usize::from(EACH));
    let port = candidates
        .find(|&port| ports::is_free(port))
        .expect("a free port");
    format!("127.0.0.1:{port}")
}
