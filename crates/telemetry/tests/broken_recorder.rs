//! A process whose recorder panics at everything: requests are answered, and the faults are counted.

#![expect(
    clippy::tests_outside_test_module,
    reason = "an integration test is a test module"
)]
#![expect(clippy::panic, reason = "a recorder that is broken")]

use domain::Ids;
use metrics::{Counter, Gauge, Histogram, Key, KeyName, Metadata, Recorder, SharedString, Unit};
use telemetry::http::{Answer, Exchange, Incoming, Method, Route};
use telemetry::span::Trust;
use telemetry::{Lines, Options, Output, ServiceName, Telemetry};

struct Broken;

impl Recorder for Broken {
    fn describe_counter(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_gauge(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}
    fn describe_histogram(&self, _: KeyName, _: Option<Unit>, _: SharedString) {}

    fn register_counter(&self, _: &Key, _: &Metadata<'_>) -> Counter {
        panic!("the recorder is broken")
    }

    fn register_gauge(&self, _: &Key, _: &Metadata<'_>) -> Gauge {
        panic!("the recorder is broken")
    }

    fn register_histogram(&self, _: &Key, _: &Metadata<'_>) -> Histogram {
        panic!("the recorder is broken")
    }
}

#[tokio::test]
async fn a_recorder_that_panics_fails_no_request_and_is_counted() {
    let lines = Lines::new();
    let mut options = Options::new(ServiceName::Gateway, "9.9.9");
    options.output = Output::Memory(lines.clone());
    let telemetry = Telemetry::start(&options).unwrap();

    metrics::with_local_recorder(&Broken, || {
        let incoming = Incoming::read(&Ids::sequence(), |_| None);
        let exchange = Exchange::begin(Method::Get, &incoming, Trust::Link);
        exchange.finish(Answer {
            route: Route::new("/api/v1/copies/{id}", &[Method::Get]),
            status: 200,
            code: None,
        });
    });

    let shown = telemetry.metrics().unwrap().render();
    telemetry.shutdown().await;
    // The request came, was counted, was measured and went.
    assert!(shown.contains("telemetry_recorder_faults_total 4"), "{shown}");
    assert_eq!(lines.with("http.request.completed").len(), 1);
    assert!(lines.with("process.panicked").len() >= 4);
    assert!(lines.with("is broken").is_empty());
}
