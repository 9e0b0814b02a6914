//! What a metric is made of, and the one way to record a value.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use metrics::{Key, KeyName, Metadata, Recorder};

use crate::name::ServiceName;
use crate::panics;

static METADATA: Metadata<'static> = Metadata::new("korrigo", metrics::Level::INFO, None);

/// A metric of the inventory.
#[derive(Debug)]
pub(crate) struct Metric {
    pub name: &'static str,
    pub kind: Kind,
    pub help: &'static str,
    pub labels: &'static [Label],
    /// Which services have it.
    pub services: &'static [ServiceName],
}

/// How values of a metric are kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Kind {
    Counter,
    Gauge,
    Histogram(&'static [f64]),
}

/// A label and the values it may have.
#[derive(Debug)]
pub(crate) struct Label {
    pub name: &'static str,
    pub values: Values,
}

/// Where the values of a label come from.
#[derive(Debug)]
pub(crate) enum Values {
    /// They are known here.
    Closed(fn() -> Vec<&'static str>),
    /// They are named in the code of a service or in its contract.
    Named(&'static str),
}

/// Durations of requests, calls and messages.
pub(crate) const REQUEST: &[f64] = &[
    0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0,
];
/// Durations in the database.
pub(crate) const DATABASE: &[f64] = &[0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];
/// Durations of document work.
pub(crate) const DOCUMENT: &[f64] = &[
    0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0,
];

impl Metric {
    /// Adds to a counter.
    pub(crate) fn add(&self, values: &[&'static str], count: u64) {
        let key = self.key(values);
        record(|recorder| recorder.register_counter(&key, &METADATA).increment(count));
    }

    /// Sets a gauge.
    pub(crate) fn set(&self, values: &[&'static str], value: f64) {
        let key = self.key(values);
        record(|recorder| recorder.register_gauge(&key, &METADATA).set(value));
    }

    /// Moves a gauge.
    pub(crate) fn shift(&self, values: &[&'static str], by: f64) {
        let key = self.key(values);
        record(|recorder| recorder.register_gauge(&key, &METADATA).increment(by));
    }

    /// Records a duration.
    pub(crate) fn observe(&self, values: &[&'static str], duration: Duration) {
        let key = self.key(values);
        record(|recorder| {
            recorder
                .register_histogram(&key, &METADATA)
                .record(duration.as_secs_f64());
        });
    }

    /// Says what a counter has come to.
    pub(crate) fn reach(&self, values: &[&'static str], total: u64) {
        let key = self.key(values);
        record(|recorder| recorder.register_counter(&key, &METADATA).absolute(total));
    }

    /// Makes the series exist, at zero.
    pub(crate) fn touch(&self, values: &[&'static str]) {
        let key = self.key(values);
        record(|recorder| match self.kind {
            Kind::Counter => drop(recorder.register_counter(&key, &METADATA)),
            Kind::Gauge => drop(recorder.register_gauge(&key, &METADATA)),
            Kind::Histogram(_) => drop(recorder.register_histogram(&key, &METADATA)),
        });
    }

    /// Gives the metric its help text.
    pub(crate) fn describe(&self) {
        let name = KeyName::from_const_str(self.name);
        metrics::with_recorder(|recorder| match self.kind {
            Kind::Counter => recorder.describe_counter(name, None, self.help.into()),
            Kind::Gauge => recorder.describe_gauge(name, None, self.help.into()),
            Kind::Histogram(_) => recorder.describe_histogram(name, None, self.help.into()),
        });
    }

    fn key(&self, values: &[&'static str]) -> Key {
        let labels: Vec<metrics::Label> = self
            .labels
            .iter()
            .zip(values)
            .map(|(label, value)| metrics::Label::from_static_parts(label.name, value))
            .collect();
        Key::from_parts(KeyName::from_const_str(self.name), labels)
    }
}

/// How often the recorder failed.
static FAULTS: AtomicU64 = AtomicU64::new(0);

/// How often the recorder failed.
pub(crate) fn faults() -> u64 {
    FAULTS.load(Ordering::Relaxed)
}

/// Records. What goes wrong with it is counted, and is nobody else's trouble. A second panic while the first is
/// being reported would end the process: there nothing is recorded.
fn record(what: impl FnOnce(&dyn Recorder)) {
    let recording = AssertUnwindSafe(|| metrics::with_recorder(what));
    if panics::is_being_reported() || catch_unwind(recording).is_err() {
        FAULTS.fetch_add(1, Ordering::Relaxed);
    }
}

/// A number as a gauge has it. Exact up to 2^53.
pub(crate) fn number(value: u64) -> f64 {
    let high = u32::try_from(value >> 32).unwrap_or(u32::MAX);
    let low = u32::try_from(value & u64::from(u32::MAX)).unwrap_or(u32::MAX);
    f64::from(high) * 4_294_967_296.0 + f64::from(low)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_stay_exact() {
        assert_eq!(number(0).to_bits(), 0.0_f64.to_bits());
        assert_eq!(number(1 << 52).to_bits(), 4_503_599_627_370_496.0_f64.to_bits());
        assert_eq!(number(12_345_678_901).to_bits(), 12_345_678_901.0_f64.to_bits());
    }
}
