//! One request can be followed from HTTP to the last job, and nothing personal comes along.

#![expect(
    clippy::tests_outside_test_module,
    clippy::unwrap_used,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use testkit::{Client, Span, System, corpus, eventually};

/// What the trace of an upload consists of at least, and how often.
const EXPECTED: &[(&str, usize)] = &[
    ("POST ", 1),
    ("korrigo.grading.v1.Copies/Register", 2),
    ("transaction register_copy", 1),
    ("publish ", 1),
    ("process ", 1),
    ("korrigo.grading.v1.Work/CompleteImport", 2),
];

const REQUEST_ID: &str = "support-case-4711";

#[tokio::test]
async fn one_import_is_one_trace_and_one_request_id_over_all_services() {
    let system = System::builder().traces().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let form = Form::new().part(
        "file",
        Part::bytes(corpus::scan(2, 70)).file_name("MARTIN Zoé.pdf"),
    );
    let request = teacher
        .request(Method::POST, &format!("/exams/{exam}/copies"))
        .header("Idempotency-Key", "an-observed-upload")
        .header("X-Request-ID", REQUEST_ID);
    let answer = Client::send(request.multipart(form)).await.expect(202);
    assert_eq!(answer.header("x-request-id"), REQUEST_ID);
    system.settle().await;

    let trace = trace_of_the_upload(&system).await;
    edges(&trace);
    lines(&system);
}

/// The spans of the upload's trace, when the last one has arrived.
async fn trace_of_the_upload(system: &System) -> Vec<Span> {
    eventually("the last span of the trace", async || {
        let spans = system.collector.as_ref().unwrap().spans();
        let register = spans
            .iter()
            .find(|span| span.name.ends_with("Copies/Register"))
            .cloned();
        let trace: Vec<Span> = match register {
            Some(register) => spans
                .into_iter()
                .filter(|span| span.trace == register.trace)
                .collect(),
            None => Vec::new(),
        };
        let names: Vec<_> = trace.iter().map(|span| span.name.clone()).collect();
        // Each service sends its spans when it likes. Both sides of each call and both ends of the message have
        // to be there.
        let complete = EXPECTED
            .iter()
            .all(|(name, count)| names.iter().filter(|found| found.starts_with(name)).count() >= *count);
        if complete { Ok(trace) } else { Err(names) }
    })
    .await
}

/// From HTTP to the report of the worker, each span continues the one before.
fn edges(trace: &[Span]) {
    edge(
        trace,
        ("gateway", "POST /api/v1/exams/{id}/copies"),
        ("gateway", "korrigo.grading.v1.Copies/Register"),
    );
    edge(
        trace,
        ("gateway", "korrigo.grading.v1.Copies/Register"),
        ("grading", "korrigo.grading.v1.Copies/Register"),
    );
    edge(
        trace,
        ("grading", "korrigo.grading.v1.Copies/Register"),
        ("grading", "transaction register_copy"),
    );
    edge(
        trace,
        ("grading", "transaction register_copy"),
        ("grading", "publish korrigo.jobs:korrigo.pdf.import"),
    );
    let process = "process korrigo.jobs:korrigo.pdf.import:korrigo.pdf.import";
    edge(
        trace,
        ("grading", "publish korrigo.jobs:korrigo.pdf.import"),
        ("pdf-worker", process),
    );
    edge(
        trace,
        ("pdf-worker", process),
        ("pdf-worker", "korrigo.grading.v1.Work/CompleteImport"),
    );
    edge(
        trace,
        ("pdf-worker", "korrigo.grading.v1.Work/CompleteImport"),
        ("grading", "korrigo.grading.v1.Work/CompleteImport"),
    );
}

/// Every service has lines of the request, and none of them says who or what it was about.
fn lines(system: &System) {
    let lines = system.log_lines();
    for service in ["gateway", "grading", "pdf-worker"] {
        let of_the_request = lines.iter().filter(|line| {
            line.get("request_id").is_some_and(|id| id == REQUEST_ID)
                && line.get("service").is_some_and(|name| name == service)
        });
        assert!(of_the_request.count() > 0, "{service} has lines of the request");
    }
    let everything = lines.iter().map(ToString::to_string).collect::<String>();
    for personal in [
        "MARTIN",
        "Zoé",
        "Camille",
        "Philosophie",
        "school.example",
        "horse",
    ] {
        assert!(!everything.contains(personal), "{personal} is in the logs");
    }
}

/// Asserts that a span of one name continues a span of the other.
fn edge(trace: &[Span], (from_service, from): (&str, &str), (to_service, to): (&str, &str)) {
    let service = |span: &Span| span.service.trim_start_matches("korrigo-").to_owned();
    let parents: Vec<_> = trace
        .iter()
        .filter(|span| span.name == from && service(span) == from_service)
        .collect();
    let found = trace.iter().any(|span| {
        span.name == to
            && service(span) == to_service
            && parents.iter().any(|parent| parent.id == span.parent)
    });
    let all: Vec<_> = trace.iter().map(|span| (service(span), &span.name)).collect();
    assert!(
        found,
        "no edge from {from_service} {from} to {to_service} {to} in {all:#?}"
    );
}

#[tokio::test]
async fn every_service_answers_its_admin_listener_and_shows_the_contracted_metrics() {
    let system = System::start().await;
    for service in [system.gateway(), &system.grading, system.workers.first().unwrap()] {
        for path in ["livez", "readyz", "startupz"] {
            let answer = reqwest::get(format!("{}/{path}", service.admin())).await.unwrap();
            assert_eq!(answer.status(), 200, "{path}");
        }
        assert!(service.metrics().await.contains("process_resident_memory_bytes"));
    }
    let grading = system.grading.metrics().await;
    for status in [
        "STAGING",
        "READY",
        "LOCKED",
        "GRADING_IN_PROGRESS",
        "GRADED",
        "GRADING_FAILED",
    ] {
        assert!(
            grading.contains(&format!("grading_copies_by_status{{status=\"{status}\"}}")),
            "{status}"
        );
    }
    let worker = system.workers.first().unwrap().metrics().await;
    for bucket in ["1-10", "11-50", "51-100", "100+"] {
        let series = format!(
            "grading_import_duration_seconds_count{{status=\"success\",pages_bucket=\"{bucket}\"}} 0"
        );
        assert!(worker.contains(&series), "{bucket}");
    }
    let health = reqwest::get(format!("{}/api/health", system.gateway().url()))
        .await
        .unwrap();
    assert_eq!(health.status(), 200);
}
