//! What stays free on the volume of blobs when scans come: what workers make of those that are there needs room too, and a
//! correction must not find the volume full.

use std::path::PathBuf;

use contracts::Code;
use service::VolumeRoom;
use telemetry::metrics::{self, Budget};

/// The part of a volume that is not for scans.
#[derive(Debug, Clone)]
pub(crate) struct Reserve {
    directory: PathBuf,
    percent: u8,
}

impl Reserve {
    /// So many percent of the volume of a directory.
    pub(crate) fn new(directory: PathBuf, percent: u8) -> Self {
        Self { directory, percent }
    }

    /// Refuses if less is free. A volume that cannot be looked at is for those to tell who write there.
    pub(super) async fn check(&self) -> Result<(), Code> {
        let room = service::room_on_volume(self.directory.clone()).await;
        if room.is_some_and(|room| self.is_touched(room)) {
            metrics::request_shed(Budget::Volume);
            return Err(Code::Unavailable);
        }
        Ok(())
    }

    fn is_touched(&self, VolumeRoom { free, size }: VolumeRoom) -> bool {
        u128::from(free) * 100 < u128::from(size) * u128::from(self.percent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_touched_when_less_is_free() {
        let touched = |percent, free| {
            let size = u64::MAX;
            Reserve::new(PathBuf::new(), percent).is_touched(VolumeRoom { free, size })
        };
        assert!(touched(15, u64::MAX / 100 * 14) && !touched(15, u64::MAX / 100 * 16));
        assert!(!touched(0, 0), "without a reserve the store says when it is full");
    }
}
