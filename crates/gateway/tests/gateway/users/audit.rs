//! The audit trail of everything, for administrators.

use reqwest::Method;
use serde_json::json;

use crate::gateway::{Answer, Gateway};
use crate::peer::{BROKEN_OFF, COPY, TEACHER};

#[tokio::test]
async fn events_come_with_their_place_their_copy_and_what_is_filtered_by() {
    let gateway = Gateway::start().await;
    let path = format!("/api/v1/audit/events?copy_id={COPY}&action=VALIDATE&limit=1");
    let answer = gateway.get(&path).await;
    assert_eq!(answer.status, 200);
    let first = answer.json()["items"][0].clone();
    assert_eq!((&first["position"], &first["copy_id"]), (&json!(7), &json!(COPY)));
    assert_eq!(first["metadata"], json!({"pages": 2}));
    let next =
        format!("</api/v1/audit/events?limit=1&cursor=7&copy_id={COPY}&action=VALIDATE>; rel=\"next\"");
    assert_eq!(answer.header("link"), next);
    let asked = gateway.peer.known.calls("list_audit_events");
    assert!(asked[0].message.contains("action: \"VALIDATE\""));
}

#[tokio::test]
async fn checkpoints_come_with_the_key_that_they_are_signed_with() {
    let gateway = Gateway::start().await;
    let answer = gateway.get("/api/v1/audit/checkpoints").await.json();
    let expected = json!({
        "size": 8, "root": "cd".repeat(32), "note": "a signed note", "key": "a public key",
    });
    assert_eq!(answer, json!({"items": [expected], "next_cursor": null}));
}

#[tokio::test]
async fn an_export_comes_as_a_file_of_lines_that_nobody_keeps() {
    let gateway = Gateway::start().await;
    let answer = gateway.get("/api/v1/audit/export").await;
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("content-type"), "application/x-ndjson");
    assert_eq!(
        answer.header("content-disposition"),
        "attachment; filename=\"audit.ndjson\""
    );
    assert_eq!(answer.header("cache-control"), "private, no-store");
    assert_eq!(answer.body, b"first\nlast\n");
}

#[tokio::test]
async fn an_export_that_breaks_off_does_not_look_whole() {
    let gateway = Gateway::start().await;
    let request = gateway
        .admin(Method::GET, "/api/v1/audit/export")
        .header("X-Request-ID", BROKEN_OFF);
    let whole = match request.send().await {
        Ok(answer) => answer.bytes().await.map(|_body| ()),
        Err(broken) => Err(broken),
    };
    assert!(whole.is_err(), "an end like any other");
}

#[tokio::test]
async fn the_trail_is_none_of_a_teachers_business() {
    let gateway = Gateway::start().await;
    for path in ["events", "checkpoints", "export"] {
        let request = gateway.request(Method::GET, &format!("/api/v1/audit/{path}"));
        Answer::of(request.bearer_auth(TEACHER))
            .await
            .assert_refused(403, "forbidden");
    }
}
