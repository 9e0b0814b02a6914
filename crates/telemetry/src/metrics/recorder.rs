//! Keeping what was recorded, and showing it.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use metrics_exporter_prometheus::{
    BuildError, Matcher, PrometheusBuilder, PrometheusHandle, PrometheusRecorder,
};

use super::inventory::{Scope, inventory};
use super::metric::Kind;
use super::process;

/// The metrics of this process, as a scrape shows them. Cheap to clone.
#[derive(Clone)]
pub struct Metrics(Arc<Shown>);

struct Shown {
    handle: PrometheusHandle,
    process: Mutex<metrics_process::Collector>,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Metrics")
    }
}

impl Metrics {
    /// How often [`Metrics::upkeep`] wants to be called.
    pub const UPKEEP: Duration = Duration::from_secs(5);

    /// Starts recording in this process. `None` if something else records already: then nothing is shown.
    pub(crate) fn install(scope: &Scope) -> Result<Option<Self>, BuildError> {
        let recorder = recorder()?;
        let shown = Self::of(&recorder);
        if metrics::set_global_recorder(recorder).is_err() {
            return Ok(None);
        }
        scope.begin();
        shown.begin();
        Ok(Some(shown))
    }

    fn of(recorder: &PrometheusRecorder) -> Self {
        Self(Arc::new(Shown {
            handle: recorder.handle(),
            process: Mutex::new(metrics_process::Collector::default()),
        }))
    }

    fn begin(&self) {
        self.0
            .process
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .describe();
        self.upkeep();
    }

    /// The text that Prometheus scrapes.
    #[must_use]
    pub fn render(&self) -> String {
        process::faults();
        self.0.handle.render()
    }

    /// Reads the figures of the process and of its runtime, and moves histogram samples into their buckets. Without it they
    /// would pile up between scrapes.
    pub fn upkeep(&self) {
        self.0
            .process
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .collect();
        process::runtime();
        self.0.handle.run_upkeep();
    }
}

fn recorder() -> Result<PrometheusRecorder, BuildError> {
    let builder = PrometheusBuilder::new();
    let builder = inventory().try_fold(builder, |builder, metric| match metric.kind {
        Kind::Histogram(buckets) => {
            builder.set_buckets_for_metric(Matcher::Full(metric.name.to_owned()), buckets)
        }
        Kind::Counter | Kind::Gauge => Ok(builder),
    })?;
    Ok(builder.build_recorder())
}
