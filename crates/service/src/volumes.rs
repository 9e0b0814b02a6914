//! How much room is left where the process writes.

use std::path::PathBuf;
use std::time::Duration;

use telemetry::metrics::{self, Volume};
use tokio::time::{MissedTickBehavior, interval};

const EVERY: Duration = Duration::from_secs(30);

/// Looks again and again. A volume that cannot be looked at is for those to tell who write there.
pub(crate) async fn watch(volume: Volume, path: PathBuf) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let path = path.clone();
        let found = tokio::task::spawn_blocking(move || rustix::fs::statvfs(&path)).await;
        if let Ok(Ok(room)) = found {
            let bytes = |blocks: u64| blocks.saturating_mul(room.f_frsize);
            metrics::volume(volume, bytes(room.f_bavail), bytes(room.f_blocks));
        }
    }
}
