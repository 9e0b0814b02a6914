//! A process in which a subscriber and a recorder were there first: they stay, and that is said.

#![expect(
    clippy::tests_outside_test_module,
    reason = "an integration test is a test module"
)]

use metrics::NoopRecorder;
use telemetry::{Lines, Options, Output, ServiceName, Telemetry};
use tracing::subscriber::NoSubscriber;

#[tokio::test]
async fn who_was_there_first_stays_and_that_spans_and_metrics_are_missing_is_said() {
    tracing::subscriber::set_global_default(NoSubscriber::new()).unwrap();
    metrics::set_global_recorder(NoopRecorder).unwrap();
    let lines = Lines::new();
    let mut options = Options::new(ServiceName::Grading, "9.9.9");
    options.output = Output::Memory(lines.clone());
    let telemetry = Telemetry::start(&options).unwrap();
    assert!(telemetry.metrics().is_none());
    telemetry.shutdown().await;
    let events: Vec<_> = lines
        .all()
        .iter()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["event"].clone())
        .collect();
    assert_eq!(
        events,
        ["telemetry.metrics_unavailable", "telemetry.traces_unavailable"]
    );
}
