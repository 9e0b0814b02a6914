//! How the drills wait: they look again and again, and give up when it is too late.

use std::time::{Duration, Instant};

use crate::Failure;

/// How long to wait before looking again at what is quick.
pub(super) const MOMENT: Duration = Duration::from_millis(100);

/// Looks until nothing is missing, with this pause in between. What a look says is missing is the failure if it is so
/// still when `end` is over.
pub(super) async fn until(
    end: Instant,
    pause: Duration,
    mut look: impl AsyncFnMut() -> Result<Option<Failure>, Failure>,
) -> Result<(), Failure> {
    while let Some(missing) = look().await? {
        if Instant::now() > end {
            return Err(missing);
        }
        tokio::time::sleep(pause).await;
    }
    Ok(())
}
