//! JSON bodies that are not what they should be.

use reqwest::{Body, Method, RequestBuilder};
use tokio_stream::StreamExt as _;

use crate::gateway::{Answer, Gateway, PATIENCE};

fn exam(gateway: &Gateway) -> RequestBuilder {
    gateway
        .admin(Method::POST, "/api/v1/exams")
        .header("content-type", "application/json")
}

#[tokio::test]
async fn what_is_not_json_of_the_shape_is_refused_without_being_repeated() {
    let gateway = Gateway::start().await;
    for body in [
        "",
        "{",
        "[]",
        "null",
        "DUPONT",
        "{\"name\": \"DUPONT\"",
        "{\"DUPONT\": 1}",
        "{\"name\":\"a\"}{}",
    ] {
        let answer = Answer::of(exam(&gateway).body(body)).await;
        answer.assert_refused(400, "invalid_json");
        assert!(!answer.text().contains("DUPONT"), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_field_of_the_wrong_type_is_named() {
    let gateway = Gateway::start().await;
    for (body, pointer) in [
        ("{\"name\": 7}", "/name"),
        ("{\"name\": \"a\", \"pages_per_copy\": -1}", "/pages_per_copy"),
        ("{\"name\": \"a\", \"correctors\": [\"x\", {}]}", "/correctors/1"),
        (
            "{\"name\": \"a\", \"identity_zone\": {\"pages\": \"first\", \"x\": \"DUPONT\"}}",
            "/identity_zone/x",
        ),
    ] {
        let answer = Answer::of(exam(&gateway).body(body)).await;
        answer.assert_invalid(&[pointer]);
        assert!(!answer.text().contains("DUPONT"), "{}", answer.text());
    }
    assert!(gateway.peer.known.calls("create_exam").is_empty());
}

#[tokio::test]
async fn a_field_that_grading_finds_wrong_is_named_by_its_pointer() {
    let gateway = Gateway::start().await;
    Answer::of(exam(&gateway).body("{}"))
        .await
        .assert_invalid(&["/name"]);
}

#[tokio::test]
async fn another_media_type_is_refused() {
    let gateway = Gateway::start().await;
    let plain = gateway.admin(Method::POST, "/api/v1/exams").body("{}");
    Answer::of(plain)
        .await
        .assert_refused(415, "unsupported_media_type");
    let form = gateway
        .admin(Method::POST, "/api/v1/exams")
        .header("content-type", "application/x-www-form-urlencoded");
    Answer::of(form.body("name=x"))
        .await
        .assert_refused(415, "unsupported_media_type");
    let packed = exam(&gateway).header("content-encoding", "gzip").body("{}");
    Answer::of(packed)
        .await
        .assert_refused(415, "unsupported_media_type");
    let charset = gateway
        .admin(Method::POST, "/api/v1/exams")
        .header("content-type", "application/json; charset=utf-8");
    assert_eq!(Answer::of(charset.body("{\"name\": \"a\"}")).await.status, 201);
}

#[tokio::test]
async fn a_body_over_64_kib_is_too_large_whether_it_says_so_or_not() {
    let gateway = Gateway::start().await;
    let large = format!("{{\"name\": \"{}\"}}", "x".repeat(70_000));
    Answer::of(exam(&gateway).body(large.clone()))
        .await
        .assert_refused(413, "too_large");
    let pieces = tokio_stream::iter([Ok::<_, std::io::Error>(large)]);
    Answer::of(exam(&gateway).body(Body::wrap_stream(pieces)))
        .await
        .assert_refused(413, "too_large");
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let gateway = Gateway::start_with(&["--body-timeout=200ms"]).await;
    let never = tokio_stream::iter([Ok::<_, std::io::Error>("{\"na")]).chain(tokio_stream::pending());
    let answer = Answer::of(exam(&gateway).body(Body::wrap_stream(never)).timeout(PATIENCE)).await;
    answer.assert_refused(408, "request_timeout");
}
