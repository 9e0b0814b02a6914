//! How much room is left where the process writes.

use std::path::PathBuf;
use std::time::Duration;

use telemetry::metrics::{self, Volume};
use tokio::time::{MissedTickBehavior, interval};

const EVERY: Duration = Duration::from_secs(30);

/// Looks again and again.
pub(crate) async fn watch(volume: Volume, path: PathBuf) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        if let Some(room) = room_on_volume(path.clone()).await {
            metrics::volume(volume, room.free, room.size);
        }
    }
}

/// The room on a volume, in bytes.
#[derive(Debug, Clone, Copy)]
pub struct VolumeRoom {
    /// What is left for processes without special rights.
    pub free: u64,
    /// All there is.
    pub size: u64,
}

/// How much room is on the volume of `path` now. None if it cannot be looked at: those who want to write there tell it.
pub async fn room_on_volume(path: PathBuf) -> Option<VolumeRoom> {
    let found = tokio::task::spawn_blocking(move || rustix::fs::statvfs(&path)).await;
    let room = found.ok()?.ok()?;
    let bytes = |blocks: u64| blocks.saturating_mul(room.f_frsize);
    Some(VolumeRoom {
        free: bytes(room.f_bavail),
        size: bytes(room.f_blocks),
    })
}
