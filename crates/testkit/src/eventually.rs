//! Waiting for something to become true, with a bound and without guessing how long it takes.

use std::fmt::Debug;
use std::time::{Duration, Instant};

/// How long anything may take before a test gives up on it.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// How long between two looks.
const GLANCE: Duration = Duration::from_millis(20);

/// Looks until there is a value, and gives it.
///
/// # Panics
/// When [`PATIENCE`] has run out; the message says what was waited for and what was seen last.
#[expect(clippy::panic, reason = "a test that waits in vain has failed")]
pub async fn eventually<T, W: Debug>(what: &str, mut look: impl AsyncFnMut() -> Result<T, W>) -> T {
    let started = Instant::now();
    loop {
        match look().await {
            Ok(value) => return value,
            Err(seen) if started.elapsed() > PATIENCE => {
                panic!("waited in vain for {what}; last seen: {seen:?}")
            }
            Err(_) => tokio::time::sleep(GLANCE).await,
        }
    }
}
