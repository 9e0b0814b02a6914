//! What a process says about itself, and where its telemetry goes.

use std::path::PathBuf;

use crate::event::Level;
use crate::log::Lines;
use crate::name::ServiceName;
use crate::sentry::Dsn;

/// Settings of [`Telemetry::start`](crate::Telemetry::start).
#[derive(Debug, Clone)]
pub struct Options {
    /// Which service it is.
    pub service: ServiceName,
    /// Its version.
    pub version: &'static str,
    /// The revision of its source.
    pub git_sha: &'static str,
    /// Which of several equal processes it is.
    pub instance: String,
    /// Where it runs: `development`, `production`.
    pub environment: String,
    /// Events below this level are not written.
    pub level: Level,
    /// Where log lines go, besides files.
    pub output: Output,
    /// Where log files go.
    pub log_dir: Option<PathBuf>,
    /// Who is told of errors, beside the log.
    pub sentry: Option<Dsn>,
    /// Where spans go, as OTLP over gRPC: `http://127.0.0.1:4317`.
    pub otlp_endpoint: Option<String>,
    /// Which part of the traces that begin here is exported, from 0 to 1.
    pub sample_ratio: f64,
}

impl Options {
    /// Lines to stderr from INFO on, no files, no collector.
    #[must_use]
    pub fn new(service: ServiceName, version: &'static str) -> Self {
        Self {
            service,
            version,
            git_sha: "unknown",
            instance: format!("{service}-{}", std::process::id()),
            environment: "development".to_owned(),
            level: Level::Info,
            output: Output::Stderr,
            log_dir: None,
            sentry: None,
            otlp_endpoint: None,
            sample_ratio: 1.0,
        }
    }
}

/// Where log lines go, besides files.
#[derive(Debug, Clone)]
pub enum Output {
    /// To stderr: for people if it is a terminal, else JSON.
    Stderr,
    /// Into memory, as JSON, where a test reads them.
    Memory(Lines),
    /// Nowhere.
    Nowhere,
}
