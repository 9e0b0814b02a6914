//! Room on the volumes that a process writes to.

use super::labels::texts;
use super::metric::{Kind, Label, Metric, Values, number};
use crate::name::ServiceName::{self, Gateway, Grading, PdfWorker};

const VOLUME: Label = Label {
    name: "volume",
    values: Values::Closed(|| texts(Volume::ALL)),
};
const SERVICES: &[ServiceName] = &[Gateway, Grading, PdfWorker];

const FREE: Metric = Metric {
    name: "volume_free_bytes",
    kind: Kind::Gauge,
    help: "Room that is left for this process on a volume that it writes to; 0 if it does not.",
    labels: &[VOLUME],
    services: SERVICES,
};

const SIZE: Metric = Metric {
    name: "volume_size_bytes",
    kind: Kind::Gauge,
    help: "Size of a volume that this process writes to; 0 if it does not.",
    labels: &[VOLUME],
    services: SERVICES,
};

pub(super) const FAMILY: &[&Metric] = &[&FREE, &SIZE];

closed! {
    /// What a volume is for. Two of them may be the same one.
    Volume {
        /// Sources, page images and corrected documents.
        Blobs = "blobs",
        /// Log files.
        Log = "log",
    }
}

/// A volume has this much room, of this much in all.
pub fn volume(volume: Volume, free: u64, size: u64) {
    FREE.set(&[volume.as_str()], number(free));
    SIZE.set(&[volume.as_str()], number(size));
}
