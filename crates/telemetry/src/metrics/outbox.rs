//! The outbox.

use std::time::Duration;

use super::labels::texts;
use super::metric::{Kind, Label, Metric, Values, number};
use crate::events::PublishOutcome;
use crate::name::ServiceName::Grading;

const UNSENT: Metric = Metric {
    name: "grading_outbox_unsent",
    kind: Kind::Gauge,
    help: "Messages that wait in the outbox.",
    labels: &[],
    services: &[Grading],
};

const OLDEST: Metric = Metric {
    name: "grading_outbox_oldest_unsent_seconds",
    kind: Kind::Gauge,
    help: "For how long the oldest message that is due has waited.",
    labels: &[],
    services: &[Grading],
};

const PUBLISHED: Metric = Metric {
    name: "grading_outbox_publish_total",
    kind: Kind::Counter,
    help: "Attempts to publish a message, by result.",
    labels: &[Label {
        name: "result",
        values: Values::Closed(|| texts(PublishOutcome::ALL)),
    }],
    services: &[Grading],
};

pub(super) const FAMILY: &[&Metric] = &[&UNSENT, &OLDEST, &PUBLISHED];

/// How many messages wait, and for how long the oldest one has.
pub fn outbox_unsent(count: u64, oldest: Duration) {
    UNSENT.set(&[], number(count));
    OLDEST.set(&[], oldest.as_secs_f64());
}

/// An attempt to publish has ended.
pub fn outbox_published(outcome: PublishOutcome) {
    PUBLISHED.add(&[outcome.as_str()], 1);
}
