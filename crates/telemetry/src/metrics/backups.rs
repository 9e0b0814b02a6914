//! Backups.

use std::time::Duration;

use super::metric::{Kind, Metric};
use crate::name::ServiceName::Grading;

const LAST_SUCCESS: Metric = Metric {
    name: "grading_backup_last_success_timestamp_seconds",
    kind: Kind::Gauge,
    help: "Of when the last backup is that was taken whole, with its checkpoints; 0 before the first one.",
    labels: &[],
    services: &[Grading],
};

pub(super) const FAMILY: &[&Metric] = &[&LAST_SUCCESS];

/// Of when the last one is, since 1970.
pub fn last_backup(since_epoch: Duration) {
    LAST_SUCCESS.set(&[], since_epoch.as_secs_f64());
}
