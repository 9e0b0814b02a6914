//! What tests of log files have in common.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use domain::JobId;
use serde_json::Value;
use telemetry::events::JobFinished;
use telemetry::metrics::Metrics;
use telemetry::{Options, Output, ServiceName, Telemetry};

/// A worker's telemetry, into files only.
pub fn started(directory: &Path) -> (Telemetry, Metrics) {
    let mut options = Options::new(ServiceName::PdfWorker, "9.9.9");
    options.output = Output::Nowhere;
    options.log_dir = Some(directory.to_owned());
    let telemetry = Telemetry::start(&options).unwrap();
    let metrics = telemetry.metrics().unwrap();
    (telemetry, metrics)
}

/// Logs a line that is told from all others.
pub fn finished(job_id: JobId) {
    telemetry::log(JobFinished {
        job_id,
        pages: 1,
        duration: Duration::ZERO,
    });
}

/// How many lines of the file were dropped.
pub fn lost(metrics: &Metrics) -> u64 {
    let text = metrics.render();
    let series = "grading_log_lines_dropped_total{sink=\"file\"} ";
    text.lines()
        .find_map(|line| line.strip_prefix(series)?.parse().ok())
        .unwrap()
}

/// The log files.
pub fn files(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.to_string_lossy().contains(".log"))
        .collect()
}

/// Every line of every file, which must all be JSON.
pub fn lines(directory: &Path) -> Vec<Value> {
    let texts = files(directory)
        .into_iter()
        .map(|file| fs::read_to_string(file).unwrap());
    texts
        .flat_map(|text| {
            let lines = text.lines().map(|line| serde_json::from_str(line).unwrap());
            lines.collect::<Vec<Value>>()
        })
        .collect()
}
