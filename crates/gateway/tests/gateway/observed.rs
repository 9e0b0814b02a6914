//! What is seen of requests: log lines and the trace that goes on to grading.
//!
//! Telemetry starts once per process, so one test looks at all of it.

use reqwest::Method;
use serde_json::Value;
use telemetry::{Lines, Options, Output, ServiceName, Telemetry};

use crate::gateway::{Answer, Gateway, until};
use crate::peer::{COPY, Known, LOCK};

const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const SPAN: &str = "00f067aa0ba902b7";

async fn asked_with(gateway: &Gateway, traceparent: &str, request_id: &str) -> String {
    let request = gateway.admin(Method::GET, &format!("/api/v1/copies/{COPY}?name=DUPONT"));
    Answer::of(
        request
            .header("traceparent", traceparent)
            .header("x-request-id", request_id),
    )
    .await;
    traceparent_of(&gateway.peer.known, request_id)
}

fn traceparent_of(known: &Known, request_id: &str) -> String {
    let calls = known.calls("get_copy");
    let call = calls.iter().find(|call| call.request_id == request_id);
    call.expect("grading was asked").traceparent.clone()
}

async fn line(lines: &Lines, request_id: &str) -> Value {
    let find = || {
        lines
            .with(request_id)
            .into_iter()
            .find(|line| line.contains("http.request"))
    };
    until("the request is logged", || find().is_some()).await;
    serde_json::from_str(&find().unwrap()).unwrap()
}

#[tokio::test]
async fn a_request_is_one_log_line_and_its_trace_goes_on_to_grading() {
    let lines = Lines::new();
    let mut options = Options::new(ServiceName::Gateway, "0.0.0");
    options.output = Output::Memory(lines.clone());
    let _telemetry = Telemetry::start(&options).unwrap();

    let gateway = Gateway::start_with(&["--trust-traceparent=true"]).await;
    let sent = asked_with(&gateway, &format!("00-{TRACE}-{SPAN}-01"), "request-0001").await;
    assert!(sent.contains(TRACE) && !sent.contains(SPAN), "{sent}");
    let logged = line(&lines, "request-0001").await;
    assert_eq!(logged["path"], "/api/v1/copies/{id}");
    assert_eq!(
        (&logged["method"], &logged["status_code"]),
        (&"GET".into(), &200.into())
    );
    assert_eq!(
        (&logged["trace_id"], &logged["copy_id"]),
        (&TRACE.into(), &COPY.into())
    );
    for foreign in [
        "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
        "nonsense",
        "ff-x",
    ] {
        let sent = asked_with(&gateway, foreign, &format!("request-{}", foreign.len())).await;
        assert!(
            !sent.is_empty() && !sent.contains(TRACE) && !sent.contains(&"0".repeat(32)),
            "{sent}"
        );
    }

    let strict = Gateway::start().await;
    let sent = asked_with(&strict, &format!("00-{TRACE}-{SPAN}-01"), "request-0002").await;
    assert!(
        !sent.is_empty() && !sent.contains(TRACE),
        "a stranger does not choose our trace: {sent}"
    );

    let remark = gateway
        .admin(Method::PUT, &format!("/api/v1/copies/{COPY}/remarks/1.a"))
        .header("x-lock-token", LOCK)
        .header("x-request-id", "request-0004");
    Answer::of(remark.json(&serde_json::json!({"text": "DUPONT"}))).await;
    let logged = line(&lines, "request-0004").await;
    assert_eq!(logged["path"], "/api/v1/copies/{id}/remarks/{question_id}");

    let nowhere = strict
        .request(Method::from_bytes(b"BREW").unwrap(), "/nowhere/DUPONT")
        .header("x-request-id", "request-0003");
    Answer::of(nowhere).await.assert_refused(404, "not_found");
    let logged = line(&lines, "request-0003").await;
    assert_eq!(
        (&logged["path"], &logged["method"]),
        (&"_unmatched".into(), &"_OTHER".into())
    );
    assert_eq!(
        (&logged["level"], &logged["code"]),
        (&"WARNING".into(), &"not_found".into())
    );
    assert!(lines.with("DUPONT").is_empty());
    let secrets = [crate::gateway::SERVICE_TOKEN, crate::peer::ADMIN, LOCK];
    assert!(secrets.iter().all(|secret| lines.with(secret).is_empty()));
}
