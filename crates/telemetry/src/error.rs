//! Why telemetry could not start.

/// Why telemetry could not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// It runs already.
    #[error("telemetry runs already in this process")]
    AlreadyStarted,
    /// The log directory or a file in it cannot be written.
    #[error("the log directory cannot be written")]
    LogDirectory(#[source] std::io::Error),
    /// No thread for writing the log.
    #[error("no thread for the log")]
    LogThread(#[source] std::io::Error),
    /// Metrics cannot be kept.
    #[error("metrics cannot be kept")]
    Metrics(#[source] metrics_exporter_prometheus::BuildError),
    /// The collector's address is not usable.
    #[error("the address of the trace collector is not usable")]
    Collector(#[source] opentelemetry_otlp::ExporterBuildError),
    /// The exporter needs a runtime around it.
    #[error("the trace exporter must be started inside the runtime")]
    NoRuntime,
}
