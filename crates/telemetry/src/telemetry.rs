//! Telemetry of a process, from start to flush.

use std::time::Duration;

use opentelemetry_sdk::trace::SdkTracerProvider;

use crate::events::{MetricsUnavailable, TracesNotExported, TracesUnavailable};
use crate::log::{self, log};
use crate::metrics::{Metrics, Scope};
use crate::options::{Options, Output};
use crate::{Error, panics, subscriber, third_party, trace};

/// How long [`Telemetry::shutdown`] waits for each of the collector and the log files.
const FLUSH: Duration = Duration::from_secs(5);

/// Telemetry that runs. Once per process.
#[derive(Debug)]
#[must_use = "what is not shut down is not flushed"]
pub struct Telemetry {
    provider: SdkTracerProvider,
    metrics: Option<Metrics>,
}

impl Telemetry {
    /// Starts logs, metrics and traces. With a collector it must be called inside a tokio runtime.
    pub fn start(options: &Options) -> Result<Self, Error> {
        let provider = trace::provider(options)?;
        log::start(options)?;
        let spans = subscriber::install(&provider);
        panics::install(&options.output);
        third_party::install();
        let scope = Scope {
            service: options.service,
            version: options.version,
            git_sha: options.git_sha,
        };
        let metrics = Metrics::install(&scope).map_err(Error::Metrics)?;
        if metrics.is_none() {
            log(MetricsUnavailable {});
        }
        if spans.is_err() {
            log(TracesUnavailable {});
        }
        Ok(Self { provider, metrics })
    }

    /// Telemetry that tells nothing, for a benchmark that asks what the other costs. What a panic says is kept
    /// quiet all the same.
    pub fn nothing() -> Self {
        panics::install(&Output::Nowhere);
        Self {
            provider: SdkTracerProvider::default(),
            metrics: None,
        }
    }

    /// What `/metrics` shows. `None` if another recorder was there first, or if nothing is told.
    #[must_use]
    pub fn metrics(&self) -> Option<Metrics> {
        self.metrics.clone()
    }

    /// Sends what is left to the collector and writes what is left to the log, each within some seconds.
    pub async fn shutdown(self) {
        let Self { provider, metrics: _ } = self;
        let flushed = tokio::task::spawn_blocking(move || provider.shutdown_with_timeout(FLUSH)).await;
        if !matches!(flushed, Ok(Ok(()))) {
            log(TracesNotExported {});
        }
        // A thread that is stuck in a full disk must not keep the process from ending.
        let written = tokio::task::spawn_blocking(|| log::flush(FLUSH));
        drop(written.await);
    }
}
