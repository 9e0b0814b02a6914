//! What a scrape of the PDF worker shows: it is the worker that measures its jobs.

#![expect(
    clippy::tests_outside_test_module,
    reason = "an integration test is a test module"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use std::sync::OnceLock;
use std::time::Duration;

use domain::FailureCode;
use telemetry::events::BrokerRole;
use telemetry::metrics::{self, Finish, Metrics};
use telemetry::{Lines, Options, Output, ServiceName, Telemetry};

/// Started once for the tests of this file.
fn shown() -> &'static Metrics {
    static SHOWN: OnceLock<(Metrics, Telemetry)> = OnceLock::new();
    &SHOWN
        .get_or_init(|| {
            let mut options = Options::new(ServiceName::PdfWorker, "9.9.9");
            options.output = Output::Memory(Lines::new());
            let telemetry = Telemetry::start(&options).unwrap();
            (telemetry.metrics().unwrap(), telemetry)
        })
        .0
}

/// The value of a series.
fn value(series: &str) -> Option<f64> {
    let text = shown().render();
    let line = text
        .lines()
        .find(|line| line.rsplit_once(' ').is_some_and(|(name, _)| name == series))?;
    line.rsplit_once(' ').and_then(|(_, value)| value.parse().ok())
}

fn exists(series: &str) {
    assert!(value(series).is_some(), "{series}");
}

#[test]
fn every_series_of_the_jobs_is_there_before_anything_happened() {
    let of_documents = ["timeout", "invalid_pdf", "empty_result", "unknown"];
    let of_names = ["ocr_unavailable", "ocr_timeout", "ocr_failed"];
    for cause in of_documents.iter().chain(&of_names) {
        exists(&format!("grading_ocr_errors_total{{error_type=\"{cause}\"}}"));
    }
    for status in ["success", "failed"] {
        exists(&format!(
            "grading_reading_duration_seconds_count{{status=\"{status}\"}}"
        ));
        for pages in ["1-10", "11-50", "51-100", "100+"] {
            let (name, labels) = (
                "grading_import_duration_seconds",
                format!("status=\"{status}\",pages_bucket=\"{pages}\""),
            );
            exists(&format!("{name}_count{{{labels}}}"));
            exists(&format!("{name}_bucket{{{labels},le=\"600\"}}"));
        }
        for attempt in ["1", "2", "3+"] {
            let labels = format!("status=\"{status}\",retry_attempt=\"{attempt}\"");
            exists(&format!("grading_finalize_duration_seconds_count{{{labels}}}"));
        }
    }
}

#[test]
fn what_became_of_the_jobs_is_shown() {
    shown();
    metrics::import_finished(Finish::Success, 101, Duration::from_secs(3));
    metrics::finalize_finished(Finish::Failed, 7, Duration::from_secs(3));
    metrics::document_refused_because(FailureCode::EncryptedPdf);
    for (series, expected) in [
        (
            "grading_import_duration_seconds_count{status=\"success\",pages_bucket=\"100+\"}",
            1.0,
        ),
        (
            "grading_import_duration_seconds_bucket{status=\"success\",pages_bucket=\"100+\",le=\"5\"}",
            1.0,
        ),
        (
            "grading_finalize_duration_seconds_count{status=\"failed\",retry_attempt=\"3+\"}",
            1.0,
        ),
        ("grading_ocr_errors_total{error_type=\"invalid_pdf\"}", 1.0),
    ] {
        assert_eq!(value(series), Some(expected), "{series}");
    }
}

#[test]
fn a_connection_that_is_blocked_for_a_while_is_not_counted_as_another_one() {
    shown();
    metrics::broker_connection_opened(BrokerRole::Consumer);
    for stands in [true, false, true] {
        metrics::broker_connection(BrokerRole::Consumer, stands);
    }
    assert_eq!(
        value("broker_connections_opened_total{connection=\"consumer\"}"),
        Some(1.0)
    );
    assert_eq!(value("broker_connected{connection=\"consumer\"}"), Some(1.0));
}
