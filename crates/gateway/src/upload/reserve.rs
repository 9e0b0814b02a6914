//! What stays free on the volume of blobs when scans come: what workers make of those that are there needs room too, and a
//! correction must not find the volume full.

use blobs::{Blobs, Room};
use contracts::Code;
use telemetry::metrics::{self, Budget};

/// The part of the volume of blobs that is not for scans, in percent.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reserve(pub(crate) u8);

impl Reserve {
    /// Refuses if less is free. A volume that cannot be looked at is for those to tell who write there.
    pub(super) async fn check(self, blobs: &Blobs) -> Result<(), Code> {
        let room = blobs.room().await.ok().flatten();
        if room.is_some_and(|room| self.is_touched(room)) {
            metrics::request_shed(Budget::Volume);
            return Err(Code::Unavailable);
        }
        Ok(())
    }

    fn is_touched(self, Room { free, size }: Room) -> bool {
        u128::from(free) * 100 < u128::from(size) * u128::from(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_touched_when_less_is_free() {
        let touched = |percent, free| {
            let size = u64::MAX;
            Reserve(percent).is_touched(Room { free, size })
        };
        assert!(touched(15, u64::MAX / 100 * 14) && !touched(15, u64::MAX / 100 * 16));
        assert!(!touched(0, 0), "without a reserve the store says when it is full");
    }
}
