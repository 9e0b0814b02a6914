//! Without the grading service.

use contracts::Code;
use reqwest::Method;
use serde_json::json;
use tokio::time::timeout;

use crate::gateway::{Answer, Gateway, PATIENCE, until, until_async};
use crate::peer::{COPY, Peer};

#[tokio::test]
async fn everything_that_needs_grading_is_unavailable_and_says_when_to_come_back() {
    let gateway = Gateway::before(Peer::absent(), &[]).await;
    for path in [
        "/api/v1/session",
        "/api/v1/exams",
        &format!("/api/v1/copies/{COPY}"),
        "/api/health",
    ] {
        let answer = gateway.get(path).await;
        answer.assert_refused(503, "unavailable");
        assert_eq!(answer.header("retry-after"), "2", "{path}");
    }
    let exam = gateway
        .admin(Method::POST, "/api/v1/exams")
        .json(&json!({"name": "Physique"}));
    Answer::of(exam).await.assert_refused(503, "unavailable");
    gateway.get("/nowhere").await.assert_refused(404, "not_found");
    assert_eq!(gateway.get("/api/v1/openapi.json").await.status, 200);
}

#[tokio::test]
async fn the_gateway_is_ready_once_grading_is_there_and_recovers_by_itself() {
    let mut gateway = Gateway::before(Peer::absent(), &[]).await;
    let ready = timeout(std::time::Duration::from_millis(300), gateway.life.ready()).await;
    assert!(ready.is_err(), "nobody can be served yet");
    gateway.peer.appear();
    timeout(PATIENCE, gateway.life.ready()).await.unwrap();
    assert_eq!(gateway.get("/api/v1/exams").await.status, 200);
    gateway.peer.vanish().await;
    gateway
        .get("/api/v1/exams")
        .await
        .assert_refused(503, "unavailable");
    timeout(PATIENCE, gateway.life.ready())
        .await
        .expect("it stays ready, and is degraded");
    gateway.peer.appear();
    let found = async || gateway.get("/api/v1/exams").await.status == 200;
    until_async("it finds grading again", found).await;
}

#[tokio::test]
async fn a_read_whose_connection_broke_is_repeated_and_the_client_does_not_notice() {
    let mut gateway = Gateway::start().await;
    for _ in 0..5 {
        assert_eq!(gateway.get("/api/v1/exams").await.status, 200);
        gateway.peer.vanish().await;
        gateway.peer.appear();
    }
}

#[tokio::test]
async fn an_answer_that_takes_too_long_is_a_timeout() {
    let mut gateway = Gateway::start_with(&["--grading-timeout=200ms"]).await;
    gateway.peer.known.hang("create_exam");
    let exam = gateway
        .admin(Method::POST, "/api/v1/exams")
        .json(&json!({"name": "Physique"}));
    Answer::of(exam).await.assert_refused(504, Code::Timeout.as_str());
    gateway.peer.vanish().await;
}

#[tokio::test]
async fn a_change_whose_connection_broke_is_not_called_unchanged() {
    let mut gateway = Gateway::start().await;
    gateway.peer.known.hang("create_exam");
    let exam = gateway
        .admin(Method::POST, "/api/v1/exams")
        .json(&json!({"name": "Physique"}));
    let known = gateway.peer.known.clone();
    let asked = async {
        until("grading was asked", || !known.calls("create_exam").is_empty()).await;
        gateway.peer.vanish().await;
    };
    let (answer, ()) = tokio::join!(Answer::of(exam), asked);
    answer.assert_refused(504, Code::Timeout.as_str());
    assert_eq!(known.calls("create_exam").len(), 1, "it is not repeated");
}

#[tokio::test]
async fn a_gateway_whose_service_token_is_not_taken_never_becomes_ready() {
    let gateway = Gateway::before(Peer::start(), &["--service-token=another-token-than-its"]).await;
    let ready = timeout(std::time::Duration::from_millis(300), gateway.life.ready()).await;
    assert!(ready.is_err());
}
