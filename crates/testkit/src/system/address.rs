//! Where services listen that have to find their place again when they are started again.
//!
//! The system gives ports from 32,768 on to whoever connects, and servers of tests take theirs from 20,000 on.

use std::process;
use std::sync::atomic::{AtomicU16, Ordering};

use korrigo::stack::ports;

const FIRST: u16 = 10_000;
/// How many processes have ports of their own.
const PROCESSES: u16 = 330;
/// How many each has.
const EACH: u16 = 30;

/// A free address. Tests in processes beside each other have different ones to choose from, so that none is about to be taken by
/// another.
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
