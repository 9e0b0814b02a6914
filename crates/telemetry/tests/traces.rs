//! What a collector receives: one trace over HTTP, gRPC and a message, with the names that the conventions
//! give. The calls are real: the collector of the test is also the gRPC server that is called.

#![expect(
    clippy::tests_outside_test_module,
    reason = "an integration test is a test module"
)]
#![expect(
    clippy::disallowed_macros,
    reason = "a test plays a library that traces itself"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod collector;

use std::sync::OnceLock;

use collector::{Collector, METHOD, METHODS, Received, call};
use domain::{Ids, OutboxId, RequestId, TraceParent};
use telemetry::grpc::{ClientLayer, ServerLayer};
use telemetry::http::{Answer, Exchange, Incoming, Method, Route};
use telemetry::span::{self, Amount, Process, Publish, Stage, Trust};
use telemetry::{Code, Lines, Options, Origin, Output, ServiceName, Telemetry, context};
use tokio::runtime::Runtime;

/// One runtime, one collector and one telemetry for the tests of this file, as in a process.
struct World {
    runtime: Runtime,
    collector: Collector,
    _telemetry: Telemetry,
}

fn world() -> &'static World {
    static WORLD: OnceLock<World> = OnceLock::new();
    WORLD.get_or_init(|| {
        let runtime = Runtime::new().unwrap();
        let (collector, telemetry) = runtime.block_on(async {
            let collector = Collector::start(ServerLayer::new(METHODS)).await;
            let mut options = Options::new(ServiceName::Gateway, "9.9.9");
            options.output = Output::Memory(Lines::new());
            options.otlp_endpoint = Some(collector.url());
            (collector, Telemetry::start(&options).unwrap())
        });
        World {
            runtime,
            collector,
            _telemetry: telemetry,
        }
    })
}

fn incoming(request_id: &str, traceparent: Option<&str>) -> Incoming {
    Incoming::read(&Ids::time_ordered(), |name| match name {
        "x-request-id" => Some(request_id),
        "traceparent" => traceparent,
        _ => None,
    })
}

fn answer(status: u16) -> Answer {
    Answer {
        route: Route::new("/api/v1/copies/{id}", &[Method::Get]),
        status,
        code: None,
    }
}

/// One upload: gateway, grading, relay, worker. Gives the id of its trace.
async fn one_upload(collector: &Collector, outbox_id: OutboxId) -> String {
    let exchange = Exchange::begin(Method::Post, &incoming("one-request", None), Trust::Parent);
    let row = exchange
        .run(async {
            call(&collector.url(), ClientLayer::new(METHODS)).await;
            span::transaction("register_copy")
                .run(async { Origin::current() })
                .await
        })
        .await;
    exchange.finish(answer(202));

    // The relay, later and elsewhere: nothing is current there.
    let message = telemetry::detach(async {
        let publish = span::publish(Publish {
            exchange: "korrigo.jobs",
            routing_key: "korrigo.pdf.import",
            message_id: outbox_id,
            origin: &row,
        });
        let pairs = publish.origin().pairs();
        publish.run(async {}).await;
        pairs
    })
    .await;

    let process = span::process(Process {
        exchange: "korrigo.jobs",
        queue: "korrigo.pdf.import",
        message_id: Some(outbox_id),
        delivery_tag: 1,
        origin: &Origin::from_pairs(&message),
    });
    process
        .run(async {
            assert_eq!(context::request_id(), "one-request".parse::<RequestId>().ok());
            let pages = telemetry::blocking(|| 2);
            span::stage(Stage::Rasterize).run(pages).await.unwrap();
        })
        .await;
    span::settle("ack", "korrigo.pdf.import", &Origin::from_pairs(&message)).end();
    trace_id(&row.traceparent.unwrap())
}

fn find<'a>(spans: &'a [Received], name: &str, kind: &str) -> &'a Received {
    let found = spans.iter().find(|span| span.name == name && span.kind == kind);
    assert!(found.is_some(), "no {kind} {name} in {spans:#?}");
    found.unwrap()
}

#[test]
fn one_request_is_one_trace_from_http_over_grpc_and_a_message_to_the_last_stage() {
    let world = world();
    let outbox_id: OutboxId = Ids::time_ordered().next();
    let trace = world.runtime.block_on(one_upload(&world.collector, outbox_id));
    let spans = world.collector.wait_for(&trace, 8);

    let http = find(&spans, "POST /api/v1/copies/{id}", "SERVER");
    let client = find(&spans, METHOD, "CLIENT");
    let server = find(&spans, METHOD, "SERVER");
    let transaction = find(&spans, "transaction register_copy", "CLIENT");
    let publish = find(&spans, "publish korrigo.jobs:korrigo.pdf.import", "PRODUCER");
    let process = find(
        &spans,
        "process korrigo.jobs:korrigo.pdf.import:korrigo.pdf.import",
        "CONSUMER",
    );
    let stage = find(&spans, "pdf.rasterize", "INTERNAL");
    let settle = find(&spans, "ack korrigo.pdf.import", "CLIENT");
    assert_eq!(http.parent, "");
    assert_eq!(client.parent, http.id);
    assert_eq!(server.parent, client.id);
    assert_eq!(transaction.parent, http.id);
    assert_eq!(publish.parent, transaction.id);
    assert_eq!(process.parent, publish.id);
    assert_eq!(process.links, std::slice::from_ref(&publish.id));
    assert_eq!(stage.parent, process.id);
    assert_eq!(settle.parent, publish.id);

    assert_eq!(http.attribute("http.route"), "/api/v1/copies/{id}");
    assert_eq!(http.attribute("http.response.status_code"), "202");
    assert_eq!(server.attribute("rpc.system.name"), "grpc");
    assert_eq!(server.attribute("rpc.status_code"), "OK");
    assert_eq!(transaction.attribute("db.system.name"), "postgresql");
    assert_eq!(publish.attribute("messaging.message.id"), outbox_id.to_string());
    assert_eq!(
        publish.attribute("messaging.message.conversation_id"),
        "one-request"
    );
    assert_eq!(process.attribute("messaging.operation.type"), "process");
    assert!(spans.iter().all(|span| !span.failed), "{spans:#?}");
    assert_eq!(http.resource("service.name"), "gateway");
    assert_eq!(http.resource("service.version"), "9.9.9");
}

const CALLER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

/// The trace that a request with the caller's span becomes part of.
fn trace_of_request(traceparent: &str, trust: Trust, status: u16) -> TraceParent {
    let world = world();
    let exchange = Exchange::begin(Method::Get, &incoming("trusted-or-not", Some(traceparent)), trust);
    let inside = world
        .runtime
        .block_on(exchange.run(async { telemetry::propagation::current_traceparent() }));
    exchange.finish(answer(status));
    inside.unwrap()
}

fn trace_id(traceparent: &TraceParent) -> String {
    traceparent.as_str().split('-').nth(1).unwrap().to_owned()
}

#[test]
fn a_trusted_caller_is_the_parent() {
    let own = trace_of_request(CALLER, Trust::Parent, 200);
    assert_eq!(trace_id(&own), "4bf92f3577b34da6a3ce929d0e0e4736");
    let spans = world().collector.wait_for(&trace_id(&own), 1);
    assert_eq!(spans.first().unwrap().parent, "00f067aa0ba902b7");
    assert_ne!(own.as_str(), CALLER, "our own span is what goes on");
}

#[test]
fn a_stranger_chooses_no_trace_and_is_only_linked() {
    let own = trace_of_request(CALLER, Trust::Link, 200);
    assert_ne!(trace_id(&own), "4bf92f3577b34da6a3ce929d0e0e4736");
    let spans = world().collector.wait_for(&trace_id(&own), 1);
    let span = spans.first().unwrap();
    assert_eq!(
        (span.parent.as_str(), span.links.as_slice()),
        ("", &["00f067aa0ba902b7".to_owned()][..])
    );
}

#[test]
fn a_malformed_traceparent_begins_a_new_trace() {
    for malformed in [
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
        "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        "nonsense",
    ] {
        let own = trace_of_request(malformed, Trust::Parent, 200);
        assert_ne!(trace_id(&own), "4bf92f3577b34da6a3ce929d0e0e4736", "{malformed}");
    }
}

#[test]
fn a_refusal_is_no_error_of_the_server_and_a_fault_is() {
    for (status, failed) in [(404, false), (409, false), (500, true), (503, true)] {
        let own = trace_of_request("none", Trust::Parent, status);
        let spans = world().collector.wait_for(&trace_id(&own), 1);
        assert_eq!(spans.first().unwrap().failed, failed, "{status}");
    }
}

#[test]
fn a_failed_span_says_why_by_a_code() {
    let world = world();
    let trace = world.runtime.block_on(async {
        let span = span::transaction("lock_copy");
        span.failed(Code::of("40P01"));
        let trace = span.origin().traceparent.unwrap();
        span.run(async {}).await;
        trace_id(&trace)
    });
    let spans = world.collector.wait_for(&trace, 1);
    let span = spans.first().unwrap();
    assert!(span.failed);
    assert_eq!(span.attribute("error.type"), "40P01");
}

#[test]
fn what_a_library_traces_of_itself_is_neither_exported_nor_attached_to_our_spans() {
    let world = world();
    let trace = world.runtime.block_on(async {
        let span = span::transaction("outer");
        let trace = span.origin().traceparent.unwrap();
        let library = async {
            let inner = tracing::error_span!("library canary", canary = "Marie Dupont");
            inner.in_scope(|| {
                tracing::error!(canary = "Marie Dupont", "canary");
                // The library's span is not between ours either.
                span::transaction("inner").in_scope(|| {});
            });
        };
        span.run(library).await;
        trace_id(&trace)
    });
    let spans = world.collector.wait_for(&trace, 2);
    let outer = find(&spans, "transaction outer", "CLIENT");
    assert_eq!(find(&spans, "transaction inner", "CLIENT").parent, outer.id);
    assert!(!outer.failed);
    assert!(spans.iter().all(|span| span.events == 0), "{spans:#?}");
    let all = world.collector.received();
    assert!(all.iter().all(|span| span.name != "library canary"), "{all:#?}");
}

#[test]
fn a_span_says_nothing_but_what_was_given_to_it() {
    let world = world();
    let trace = world.runtime.block_on(async {
        let amount = Amount {
            pages: Some(3),
            bytes: Some(4096),
        };
        let work = async { telemetry::propagation::current_traceparent() };
        let inside = span::stage(Stage::Rasterize).weigh(work, |_output| amount).await;
        trace_id(&inside.unwrap())
    });
    let spans = world.collector.wait_for(&trace, 1);
    let span = spans.first().unwrap();
    assert_eq!(span.attribute_names(), ["bytes", "pages"]);
    assert_eq!((span.attribute("pages"), span.attribute("bytes")), ("3", "4096"));
}

#[test]
fn a_trace_that_a_trusted_caller_does_not_record_goes_on_unrecorded() {
    let own = trace_of_request(
        "00-4bf92f3577b34da6a3ce929d0e0e4737-00f067aa0ba902b7-00",
        Trust::Parent,
        200,
    );
    assert_eq!(trace_id(&own), "4bf92f3577b34da6a3ce929d0e0e4737");
    assert!(own.as_str().ends_with("-00"), "{own:?}");
    // Spans leave in the order in which they ended: when a later one has arrived, this one will not.
    let later = trace_of_request("none", Trust::Parent, 200);
    let collector = &world().collector;
    collector.wait_for(&trace_id(&later), 1);
    let all = collector.received();
    assert!(all.iter().all(|span| span.trace != trace_id(&own)), "{all:#?}");
}

#[test]
fn a_span_ends_with_work_that_is_given_up_or_with_its_last_copy() {
    let world = world();
    let trace = world.runtime.block_on(async {
        let outer = span::transaction("outer");
        let trace = outer.origin().traceparent.unwrap();
        let inner = outer.enclose(async { span::transaction("inner") }).await;
        drop(inner.enclose(std::future::pending::<()>()));
        let given_up = inner.run(std::future::pending::<()>());
        let timely = tokio::time::timeout(std::time::Duration::ZERO, given_up);
        assert!(timely.await.is_err());
        outer.in_scope(|| span::transaction("last").end());
        trace_id(&trace)
    });
    let spans = world.collector.wait_for(&trace, 3);
    let outer = find(&spans, "transaction outer", "CLIENT");
    assert_eq!(find(&spans, "transaction inner", "CLIENT").parent, outer.id);
    assert_eq!(find(&spans, "transaction last", "CLIENT").parent, outer.id);
}
