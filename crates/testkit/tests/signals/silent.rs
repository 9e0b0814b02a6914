//! A collector that is silent, or not there, is nobody's trouble.

use serde_json::Value;
use testkit::{BlackHole, Scrape, System, Upload, corpus, eventually};

/// Works, and finds that the lost spans are counted and hardly a line is wasted on them.
async fn is_nobodys_trouble(collector: &str) {
    let system = System::builder()
        .setting("KORRIGO_OTLP_ENDPOINT", collector)
        .start()
        .await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    for number in 0..40 {
        teacher.get(&format!("/exams/{exam}")).await.expect(200);
        if number % 20 == 0 {
            let key = format!("silent-upload-{number}");
            let upload = Upload::new(&exam, corpus::scan(1, 700 + number), &key);
            teacher.upload(upload).await.expect(202);
        }
    }
    system.settle().await;
    for service in [system.gateway(), &system.grading, system.workers.first().unwrap()] {
        eventually("lost spans to be counted", async || {
            let scrape = Scrape::of(service).await;
            let failed = scrape
                .series
                .get("telemetry_spans_exported_total{result=\"failed\"}")
                .copied();
            if failed > Some(0.0) { Ok(()) } else { Err(failed) }
        })
        .await;
    }
    let lines = system.log_lines();
    let of_libraries = |service: &str| {
        let about = |line: &&Value| {
            line.get("service").is_some_and(|name| name == service)
                && line
                    .get("event")
                    .and_then(Value::as_str)
                    .is_some_and(|event| event.starts_with("third_party"))
        };
        lines.iter().filter(about).count()
    };
    for service in ["gateway", "grading", "pdf-worker"] {
        assert!(
            of_libraries(service) <= 5,
            "{service} has {} lines",
            of_libraries(service)
        );
    }
    testkit::evidence(format_args!(
        "{} log lines in all, of libraries at most 5 a service",
        lines.len()
    ));
}

#[tokio::test]
async fn a_collector_that_never_answers_slows_nothing_and_fills_no_log() {
    let collector = BlackHole::open();
    is_nobodys_trouble(&format!("http://{}", collector.address())).await;
}

#[tokio::test]
async fn a_collector_that_is_not_there_slows_nothing_and_fills_no_log() {
    is_nobodys_trouble("http://127.0.0.1:9").await;
}
