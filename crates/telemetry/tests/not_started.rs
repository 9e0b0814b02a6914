//! A process in which no telemetry was started: a request is known all the same, and spans are none.

#![expect(
    clippy::tests_outside_test_module,
    reason = "an integration test is a test module"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use domain::RequestId;
use telemetry::span::{self, Stage, Trust};
use telemetry::{Code, Origin, RequestContext, context, http::Method};

fn request(name: &str) -> RequestContext {
    RequestContext::new(name.parse::<RequestId>().unwrap())
}

#[tokio::test]
async fn a_request_is_known_in_every_span_and_on_every_thread() {
    let id = || context::request_id().map(|id| id.to_string());
    let known = context::scope(request("no-telemetry"), async {
        let span = span::http_server(Method::Get, None, Trust::Parent);
        span.run(async {
            let transaction = span::transaction("lock_copy");
            transaction.failed(Code::of("timeout"));
            let here = transaction.in_scope(id);
            let staged = span::stage(Stage::Fetch).run(async { id() }).await;
            assert_eq!(here, staged);
            let there = telemetry::blocking(id).await.unwrap();
            let carried = tokio::task::JoinSet::from_iter([context::carry(async move { id() })]);
            let detached = telemetry::detach(async { id() }).await;
            (here, there, carried.join_all().await, detached)
        })
        .await
    })
    .await;
    let expected = Some("no-telemetry".to_owned());
    assert_eq!(known, (expected.clone(), expected.clone(), vec![expected], None));
}

#[test]
fn work_of_another_process_is_continued_under_its_request_and_its_span() {
    let caller = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let origin = Origin {
        request_id: "from-elsewhere".parse().ok(),
        traceparent: caller.parse().ok(),
    };
    let task = span::task(span::Task::Reconciler, &origin);
    assert_eq!(task.origin(), origin);
    assert_eq!(task.in_scope(Origin::current), origin);
}
