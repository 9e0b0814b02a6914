//! Refusals that no handler makes, and what all refusals have in common.

use reqwest::Method;
use serde_json::json;

use crate::gateway::{Answer, Gateway};

#[tokio::test]
async fn a_path_that_does_not_exist_is_not_found_as_a_problem() {
    let gateway = Gateway::start().await;
    for path in [
        "/",
        "/api",
        "/api/v1",
        "/api/v1/exams/",
        "/api/v1/exams/not-an-id",
        "/api/v1/exams/0197c00000007000800000000000000e",
        "/api/v1/exams/{0197c000-0000-7000-8000-00000000000e}",
        "/api/v1/copies/0197c000-0000-7000-8000-00000000000c/pages/-1",
        "/api/v1/copies/0197c000-0000-7000-8000-00000000000c/pages/1.5",
        "/api/v1/copies/0197c000-0000-7000-8000-00000000000c/pages/99999999999999999999",
        "/api/v1/copies/0197c000-0000-7000-8000-00000000000c/pages/0/more",
        "/api/v1/jobs/%00",
        "/Api/v1/exams",
    ] {
        gateway.get(path).await.assert_refused(404, "not_found");
    }
}

#[tokio::test]
async fn a_method_that_a_path_does_not_take_is_refused_with_those_that_it_takes() {
    let gateway = Gateway::start().await;
    for (method, path, allowed) in [
        ("PATCH", "/api/v1/session", "POST, GET, HEAD, DELETE, OPTIONS"),
        ("DELETE", "/api/v1/exams", "GET, HEAD, POST, OPTIONS"),
        (
            "GET",
            "/api/v1/exams/0197c000-0000-7000-8000-00000000000e/copies",
            "POST, OPTIONS",
        ),
        (
            "HEAD",
            "/api/v1/jobs/0197c000-0000-7000-8000-00000000000b/events",
            "GET, OPTIONS",
        ),
        ("TRACE", "/api/health", "GET, HEAD, OPTIONS"),
        ("BREW", "/api/health", "GET, HEAD, OPTIONS"),
    ] {
        let answer = Answer::of(gateway.admin(Method::from_bytes(method.as_bytes()).unwrap(), path)).await;
        assert_eq!(answer.status, 405, "{method} {path}");
        assert_eq!(answer.header("allow"), allowed, "{method} {path}");
        if method != "HEAD" {
            answer.assert_refused(405, "method_not_allowed");
        }
    }
}

#[tokio::test]
async fn head_answers_like_get_without_a_body_and_options_tells_the_methods() {
    let gateway = Gateway::start().await;
    let head = Answer::of(gateway.admin(Method::HEAD, "/api/v1/exams")).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
    assert_eq!(head.header("content-type"), "application/json");
    let options = Answer::of(gateway.request(Method::OPTIONS, "/api/v1/exams")).await;
    assert_eq!(
        (options.status.as_u16(), options.header("allow")),
        (204, "GET, HEAD, POST, OPTIONS")
    );
}

#[tokio::test]
async fn an_answer_in_another_form_than_the_endpoint_gives_is_not_acceptable() {
    let gateway = Gateway::start().await;
    let events = "/api/v1/jobs/0197c000-0000-7000-8000-00000000000b/events";
    for (path, accept) in [
        ("/api/v1/exams", "text/html"),
        ("/api/v1/exams", "application/json;q=0"),
        (events, "application/json"),
        ("/metrics", "application/openmetrics-text"),
    ] {
        let answer = Answer::of(gateway.admin(Method::GET, path).header("accept", accept)).await;
        answer.assert_refused(406, "not_acceptable");
    }
    let fine = Answer::of(
        gateway
            .admin(Method::GET, "/api/v1/exams")
            .header("accept", "text/html, */*;q=0.1"),
    )
    .await;
    assert_eq!(fine.status, 200);
    assert!(
        gateway.peer.known.calls("list_exams").len() == 1,
        "what is not acceptable is not done"
    );
}

#[tokio::test]
async fn a_request_id_is_taken_over_if_it_is_plain_and_made_anew_if_not() {
    let gateway = Gateway::start().await;
    let asked = |id: &str| {
        gateway
            .request(Method::GET, "/api/health")
            .header("x-request-id", id)
    };
    let taken = Answer::of(asked("client.req-0042")).await;
    assert_eq!(taken.header("x-request-id"), "client.req-0042");
    for foreign in [
        "short",
        "with space here",
        "\"}{\"level\":\"ERROR\"",
        &"x".repeat(65),
    ] {
        let made = Answer::of(asked(foreign)).await.header("x-request-id").to_owned();
        assert_eq!(made.len(), 36, "{foreign} became {made}");
    }
    let refused = Answer::of(
        gateway
            .request(Method::GET, "/nowhere")
            .header("x-request-id", "client.req-0043"),
    )
    .await;
    assert_eq!(refused.json()["request_id"], "client.req-0043");
}

#[tokio::test]
async fn the_request_id_and_the_trace_go_on_to_grading() {
    let gateway = Gateway::start().await;
    let asked = gateway
        .admin(Method::GET, "/api/v1/exams")
        .header("x-request-id", "client.req-0042");
    Answer::of(asked).await;
    let calls = gateway.peer.known.calls("list_exams");
    assert_eq!(calls.last().unwrap().request_id, "client.req-0042");
}

#[tokio::test]
async fn a_problem_speaks_french_or_english_and_never_repeats_what_was_sent() {
    let gateway = Gateway::start().await;
    let asked = gateway
        .request(Method::GET, "/nowhere/DUPONT?eleve=DUPONT")
        .header("accept-language", "fr-FR, en;q=0.5")
        .header("x-request-id", "client.req-0042");
    let answer = Answer::of(asked).await;
    assert_eq!(answer.header("content-language"), "fr");
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "code": "not_found",
      "detail": "Il n'y a rien ici, ou rien que vous puissiez voir.",
      "instance": "urn:korrigo:request:client.req-0042",
      "request_id": "client.req-0042",
      "status": 404,
      "title": "Not found",
      "type": "/api/v1/problems/not_found"
    }
    "#);
    assert_eq!(gateway.get("/nowhere").await.header("content-language"), "en");
}

#[tokio::test]
async fn every_answer_protects_its_reader() {
    let gateway = Gateway::start().await;
    let login = gateway
        .request(Method::POST, "/api/v1/session")
        .json(&json!({"login": "x", "password": "y"}));
    for answer in [
        gateway.get("/api/v1/exams").await,
        gateway.get("/nowhere").await,
        Answer::of(login).await,
    ] {
        assert_eq!(answer.header("cache-control"), "no-store");
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert!(
            answer
                .header("content-security-policy")
                .starts_with("default-src 'none'")
        );
        assert!(
            answer
                .header("strict-transport-security")
                .starts_with("max-age=31536000")
        );
    }
}
