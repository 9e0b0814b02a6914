//! Traces under bad conditions: a message that waits, callers who want to decide, a process that ends.

use reqwest::Method;
use testkit::{Client, Span, System, Upload, corpus, eventually};

use crate::story::{PROCESS, PUBLISH, find};

fn spans(system: &System) -> Vec<Span> {
    system.collector.as_ref().unwrap().spans()
}

async fn upload(system: &System) {
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let upload = Upload::new(&exam, corpus::scan(1, 81), "an-upload");
    teacher.upload(upload).await.expect(202);
}

#[tokio::test]
async fn a_message_that_had_to_wait_for_the_broker_continues_what_caused_it() {
    let mut system = System::builder().own_broker().traces().start().await;
    system.rabbitmq.as_mut().unwrap().stop().unwrap();
    upload(&system).await;
    let cause = eventually("the span of the cause", async || {
        let of_the_cause = |span: &Span| span.name == "transaction register_copy";
        spans(&system).into_iter().find(of_the_cause).ok_or("not there")
    })
    .await;
    let waiting = "SELECT count(*) FROM grading.outbox WHERE sent_at IS NULL";
    assert_eq!(system.count(waiting), 1, "the message waits");
    system.rabbitmq.as_mut().unwrap().restart().unwrap();
    system.settle().await;

    let trace: Vec<Span> = eventually("the spans of the message", async || {
        let trace: Vec<Span> = spans(&system)
            .into_iter()
            .filter(|span| span.trace == cause.trace)
            .collect();
        // Each service sends its spans when it likes.
        let process = trace.iter().find(|span| span.name.starts_with("process "));
        let there = process.is_some_and(|process| trace.iter().any(|span| span.id == process.parent));
        if there { Ok(trace) } else { Err(trace.len()) }
    })
    .await;
    // It may have been tried in vain before.
    let process = find(&trace, PROCESS);
    let publish = trace.iter().find(|span| span.id == process.parent).unwrap();
    assert_eq!((publish.kind, publish.name.as_str()), (PUBLISH.1, PUBLISH.2));
    assert_eq!(publish.parent, cause.id);
    assert_eq!(process.links, [publish.id.as_slice()]);
}

#[tokio::test]
async fn callers_neither_force_the_export_of_their_requests_nor_choose_their_trace() {
    let builder = System::builder()
        .traces()
        .setting("KORRIGO_TRACE_SAMPLE_RATIO", "0");
    let mut system = builder.start().await;
    let teacher = system.teacher().await;
    let caller = "4bf92f3577b34da6a3ce929d0e0e4736";
    for number in 0..200 {
        let request = teacher
            .request(Method::GET, "/exams")
            .header("tracestate", "korrigo=1")
            .header("traceparent", format!("00-{caller}-{:016x}-01", number + 1));
        Client::send(request).await.expect(200);
    }
    system.gateways.first_mut().unwrap().end().await;
    // What was to be sent has been sent: it has ended.
    let sent = spans(&system);
    assert!(sent.is_empty(), "{sent:#?}");
    let lines = system.log_lines();
    let mut requests = lines.iter().filter(|line| line.get("path").is_some());
    let own = |line: &serde_json::Value| line.get("trace_id").is_some_and(|trace| trace != caller);
    assert!(
        requests.all(own),
        "also a request that is not exported has a trace of ours in its line"
    );
}

#[tokio::test]
async fn the_last_span_of_a_process_is_with_the_collector_when_it_has_ended() {
    let mut system = System::builder().traces().start().await;
    upload(&system).await;
    system.settle().await;
    system.worker().end().await;
    let trace = spans(&system);
    let process = find(&trace, PROCESS);
    let settled = trace
        .iter()
        .any(|span| span.name.starts_with("ack ") && span.trace == process.trace);
    assert!(settled, "{trace:#?}");
}
