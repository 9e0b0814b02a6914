//! A collector that takes connections and never answers: the work does not notice, and the end is not held up.

#![expect(
    clippy::tests_outside_test_module,
    reason = "an integration test is a test module"
)]

use std::time::{Duration, Instant};

use telemetry::{Lines, Options, Output, ServiceName, Telemetry, span};
use tokio::net::TcpListener;

#[tokio::test(flavor = "multi_thread")]
async fn a_collector_that_hangs_slows_nothing_and_the_end_has_a_limit() {
    // Connections wait in the backlog of the listener for ever.
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let lines = Lines::new();
    let mut options = Options::new(ServiceName::Grading, "9.9.9");
    options.output = Output::Memory(lines.clone());
    options.otlp_endpoint = Some(format!("http://{}", listener.local_addr().unwrap()));
    let telemetry = Telemetry::start(&options).unwrap();

    // More spans than the queue holds.
    let begun = Instant::now();
    for _ in 0..20_000 {
        span::transaction("register_copy").run(async {}).await;
    }
    let worked = begun.elapsed();
    assert!(worked < Duration::from_secs(30), "{worked:?}");

    let begun = Instant::now();
    telemetry.shutdown().await;
    let ended = begun.elapsed();
    assert!(ended < Duration::from_secs(20), "{ended:?}");
    assert_eq!(lines.with("telemetry.traces_lost").len(), 1);
    assert!(lines.with("third_party").len() <= 4, "{:?}", lines.all());
}
