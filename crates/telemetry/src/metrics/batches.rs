//! Scans of many copies.

use std::time::Duration;

use domain::batch::AnomalyKind;

use super::labels::{Finish, STATUS, pages_bucket, pages_buckets, texts};
use super::metric::{DOCUMENT, Kind, Label, Metric, Values};
use crate::name::ServiceName::{Grading, PdfWorker};

const SPLIT_DURATION: Metric = Metric {
    name: "grading_split_duration_seconds",
    kind: Kind::Histogram(DOCUMENT),
    help: "How long scans took to be taken apart, from the claim of the last attempt to the recorded outcome.",
    labels: &[
        STATUS,
        Label {
            name: "pages_bucket",
            values: Values::Closed(pages_buckets),
        },
    ],
    services: &[PdfWorker],
};

const ANOMALIES: Metric = Metric {
    name: "grading_batch_anomalies_total",
    kind: Kind::Counter,
    help: "What was odd about scans of many copies.",
    labels: &[Label {
        name: "kind",
        values: Values::Closed(|| texts(AnomalyKind::ALL)),
    }],
    services: &[Grading],
};

pub(super) const FAMILY: &[&Metric] = &[&SPLIT_DURATION, &ANOMALIES];

/// The taking apart of a scan has its final outcome. Call it once per outcome, after the commit.
pub fn split_finished(finish: Finish, pages: u32, duration: Duration) {
    SPLIT_DURATION.observe(&[finish.as_str(), pages_bucket(pages)], duration);
}

/// A scan has something that people have to look at. Call it after the commit.
pub fn batch_anomaly(kind: AnomalyKind) {
    ANOMALIES.add(&[kind.as_str()], 1);
}
