//! One request can be followed from HTTP to the last job, and nothing personal comes along.

use reqwest::Method;
use reqwest::multipart::{Form, Part};
use telemetry::span::SHAPES;
use testkit::{Client, Span, System, corpus, eventually};

/// What the trace of an upload consists of at least, and how often.
const EXPECTED: &[(&str, usize)] = &[
    ("POST ", 1),
    ("korrigo.grading.v1.Copies/Register", 2),
    ("transaction register_copy", 1),
    ("publish ", 1),
    ("process ", 1),
    ("korrigo.grading.v1.Work/CompleteImport", 2),
    ("ack ", 1),
];

/// From HTTP to the report of the worker, each span continues the one before: service, kind and name of both.
const EDGES: &[[(&str, &str, &str); 2]] = &[
    [UPLOAD, ("gateway", "CLIENT", REGISTER)],
    [("gateway", "CLIENT", REGISTER), ("grading", "SERVER", REGISTER)],
    [("grading", "SERVER", REGISTER), TRANSACTION],
    [TRANSACTION, PUBLISH],
    [PUBLISH, PROCESS],
    [PROCESS, ("pdf-worker", "INTERNAL", "pdf.rasterize")],
    [PROCESS, ("pdf-worker", "CLIENT", COMPLETE)],
    [
        ("pdf-worker", "CLIENT", COMPLETE),
        ("grading", "SERVER", COMPLETE),
    ],
    [PUBLISH, ("pdf-worker", "CLIENT", "ack korrigo.pdf.import")],
];

const UPLOAD: (&str, &str, &str) = ("gateway", "SERVER", "POST /api/v1/exams/{id}/copies");
const REGISTER: &str = "korrigo.grading.v1.Copies/Register";
const TRANSACTION: (&str, &str, &str) = ("grading", "CLIENT", "transaction register_copy");
const COMPLETE: &str = "korrigo.grading.v1.Work/CompleteImport";
pub(crate) const PUBLISH: (&str, &str, &str) =
    ("grading", "PRODUCER", "publish korrigo.jobs:korrigo.pdf.import");
pub(crate) const PROCESS: (&str, &str, &str) = (
    "pdf-worker",
    "CONSUMER",
    "process korrigo.jobs:korrigo.pdf.import:korrigo.pdf.import",
);

const REQUEST_ID: &str = "support-case-4711";
const CALLER: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLERS_SPAN: &[u8] = &[0x00, 0xf0, 0x67, 0xaa, 0x0b, 0xa9, 0x02, 0xb7];

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
        .header("traceparent", format!("00-{CALLER}-00f067aa0ba902b7-01"))
        .header("baggage", "pupil=MARTIN")
        .header("X-Request-ID", REQUEST_ID);
    let answer = Client::send(request.multipart(form)).await.expect(202);
    assert_eq!(answer.header("x-request-id"), REQUEST_ID);
    system.settle().await;
    let job = answer.text("/job/id");
    let job = teacher.get(&format!("/jobs/{job}")).await.expect(200);
    assert_eq!(job.text("/request_id"), REQUEST_ID);
    let refused = teacher.request(Method::POST, &format!("/exams/{exam}/copies"));
    let refused = Client::send(refused.header("X-Request-ID", REQUEST_ID)).await;
    assert_eq!(refused.text("/request_id"), REQUEST_ID);
    let diagnosis = system.operate(&["diagnose", "request", REQUEST_ID, "--json"]);
    let diagnosis: serde_json::Value = serde_json::from_slice(&diagnosis.stdout).unwrap();
    assert_eq!(diagnosis["verdict"], "done");

    let trace = trace_of_the_upload(&system).await;
    for [from, to] in EDGES {
        edge(&trace, *from, *to);
    }
    let root = find(&trace, UPLOAD);
    assert!(root.parent.is_empty(), "a stranger's span is not our parent");
    assert_eq!(root.links, [CALLERS_SPAN], "but it is linked to");
    assert_eq!(find(&trace, PROCESS).links, [find(&trace, PUBLISH).id.as_slice()]);
    only_what_is_listed(&system);
    lines(&system);
    testkit::evidence(format_args!(
        "one trace of {} spans with {} edges between services",
        trace.len(),
        EDGES.len()
    ));
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

/// Every span that any service has sent, in any trace, is in the list of spans with all of its attributes.
pub(crate) fn only_what_is_listed(system: &System) {
    for span in system.collector.as_ref().unwrap().spans() {
        let listed = SHAPES
            .iter()
            .filter(|shape| shape.fits(&span.name, span.kind))
            .any(|shape| {
                let mut names = span.attributes.iter().map(|(name, _)| name.as_str());
                names.all(|name| shape.attributes.contains(&name))
            });
        assert!(listed, "{} is not in docs/traces.md: {span:?}", span.name);
        assert!(
            !span.service.is_empty() && !span.service.contains("unknown"),
            "{span:?}"
        );
    }
}

/// Every service has lines of the request, and none of them says who or what it was about.
fn lines(system: &System) {
    let lines = system.log_lines();
    for service in ["gateway", "grading", "pdf-worker"] {
        let of_the_request = lines.iter().filter(|line| {
            line.get("request_id").is_some_and(|id| id == REQUEST_ID)
                && line.get("service").is_some_and(|name| name == service)
                && line.get("trace_id").is_some_and(|id| id != CALLER)
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

fn is(span: &Span, (service, kind, name): (&str, &str, &str)) -> bool {
    span.service.trim_start_matches("korrigo-") == service && span.kind == kind && span.name == name
}

/// The span of this service, kind and name.
pub(crate) fn find<'a>(trace: &'a [Span], wanted: (&str, &str, &str)) -> &'a Span {
    let found = trace.iter().find(|span| is(span, wanted));
    assert!(found.is_some(), "no {wanted:?} in {trace:#?}");
    found.unwrap()
}

/// Asserts that a span continues another.
fn edge(trace: &[Span], from: (&str, &str, &str), to: (&str, &str, &str)) {
    let parents: Vec<&[u8]> = trace
        .iter()
        .filter(|span| is(span, from))
        .map(|span| span.id.as_slice())
        .collect();
    let mut found = trace.iter().filter(|span| is(span, to));
    let all: Vec<_> = trace
        .iter()
        .map(|span| (&span.service, span.kind, &span.name))
        .collect();
    assert!(
        found.any(|span| parents.contains(&span.parent.as_slice())),
        "no edge from {from:?} to {to:?} in {all:#?}"
    );
}
