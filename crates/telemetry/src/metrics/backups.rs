//! Backups.

use super::metric::{Kind, Metric, number};
use crate::name::ServiceName::Grading;

const LAST_SUCCESS: Metric = Metric {
    name: "grading_backup_last_success_timestamp_seconds",
    kind: Kind::Gauge,
    help: "Of when the last backup is that was taken whole, with its checkpoints; 0 before the first one.",
    labels: &[],
    services: &[Grading],
};

pub(super) const FAMILY: &[&Metric] = &[&LAST_SUCCESS];

/// Of when the last one is, in seconds since 1970.
pub fn last_backup(taken_at: u64) {
    LAST_SUCCESS.set(&[], number(taken_at));
}
