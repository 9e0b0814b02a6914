//! Errors arrive at a receiver that speaks the protocol of Sentry, with nothing in them but what they are; a receiver that is stuck
//! holds nobody up.

#![expect(
    clippy::tests_outside_test_module,
    reason = "an integration test is a test module"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::time::{Duration, Instant};

use domain::{Ids, RequestId};
use serde_json::Value;
use telemetry::events::{BlobMissing, BlobStoreFull, JobNotReconciled, LinesDropped, ServiceStarting};
use telemetry::{Causes, Options, Output, RequestContext, ServiceName, Telemetry, context};

/// What one request to the receiver says: its head, and the three lines of its body.
fn received(listener: &TcpListener) -> (String, Vec<Value>) {
    let (mut connection, _) = listener.accept().unwrap();
    let mut text = String::new();
    let mut piece = [0; 4_096];
    loop {
        let length = connection.read(&mut piece).unwrap();
        text.push_str(std::str::from_utf8(piece.get(..length).unwrap()).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else {
            continue;
        };
        let announced = head
            .lines()
            .find_map(|line| line.strip_prefix("Content-Length: "));
        if body.len() == announced.unwrap().parse::<usize>().unwrap() {
            connection.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
            let lines = body.lines().map(|line| serde_json::from_str(line).unwrap());
            return (head.to_owned(), lines.collect());
        }
    }
}

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<&str> = value.as_object().unwrap().keys().map(String::as_str).collect();
    keys.sort_unstable();
    keys
}

/// The report of an error that is part of a request.
fn as_promised(head: &str, body: &[Value]) {
    let auth = "X-Sentry-Auth: Sentry sentry_version=7, sentry_client=korrigo/9.9.9, sentry_key=k3y";
    assert!(head.lines().any(|line| line == auth), "{head}");
    let part = |line: usize, key: &str| body.get(line).and_then(|line| line.get(key)).unwrap();
    let text = |key: &str| part(2, key).as_str().unwrap();
    assert_eq!(part(1, "type"), "event");
    assert_eq!(part(0, "event_id"), part(2, "event_id"));
    assert_eq!(text("event_id").len(), 32);
    assert_eq!(
        keys(body.last().unwrap()),
        [
            "environment",
            "event_id",
            "fingerprint",
            "level",
            "message",
            "platform",
            "release",
            "tags",
            "timestamp"
        ]
    );
    let said = ["level", "message", "release", "environment"].map(text);
    assert_eq!(
        said,
        [
            "error",
            "job.not_reconciled",
            "korrigo-grading@9.9.9",
            "development"
        ]
    );
    let tags = serde_json::json!({"service": "grading", "request_id": "a-request-with-errors"});
    assert_eq!(part(2, "tags"), &tags);
}

#[tokio::test]
async fn errors_arrive_with_their_code_and_request_and_a_receiver_that_is_stuck_only_loses_them() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let mut options = Options::new(ServiceName::Grading, "9.9.9");
    options.output = Output::Nowhere;
    options.sentry = Some(
        format!("http://k3y@{}/7", listener.local_addr().unwrap())
            .parse()
            .unwrap(),
    );
    let telemetry = Telemetry::start(&options).unwrap();
    let metrics = telemetry.metrics().unwrap();

    let request: RequestId = "a-request-with-errors".parse().unwrap();
    context::scope(RequestContext::new(request), async {
        telemetry::log(ServiceStarting {});
        telemetry::log(LinesDropped { lines: 1 });
        telemetry::log(JobNotReconciled {
            job_id: Ids::sequence().next(),
            error: Causes::of(&std::io::Error::other("Marie Dupont")),
        });
        telemetry::log(BlobMissing { copy_id: None });
    })
    .await;
    let (head, body) = received(&listener);
    assert!(head.starts_with("POST /api/7/envelope/ HTTP/1.1\r\n"), "{head}");
    as_promised(&head, &body);
    let (_, body) = received(&listener);
    assert_eq!(
        (body[2]["level"].as_str(), body[2]["message"].as_str()),
        (Some("fatal"), Some("blob.missing"))
    );

    // From here on it takes connections and says nothing.
    let begun = Instant::now();
    for _ in 0..1_000 {
        telemetry::log(BlobStoreFull {});
    }
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    let _stuck: (TcpStream, _) = listener.accept().unwrap();
    while !metrics
        .render()
        .contains("grading_log_lines_dropped_total{sink=\"sentry\"} 1000")
    {
        assert!(begun.elapsed() < Duration::from_secs(20), "{}", metrics.render());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    telemetry.shutdown().await;
}
