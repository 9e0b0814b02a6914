//! Who corrects a copy.

use contracts::{Code, Problem};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::gateway::{Answer, Gateway};
use crate::peer::{COPY, LOCK};

fn lock(gateway: &Gateway, method: Method, what: &str) -> RequestBuilder {
    gateway.admin(method, &format!("/api/v1/copies/{COPY}/lock{what}"))
}

#[tokio::test]
async fn a_lock_is_taken_with_or_without_a_wish() {
    let gateway = Gateway::start().await;
    let answer = Answer::of(lock(&gateway, Method::POST, "")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("cache-control")),
        (201, "no-store")
    );
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "expires_at": "2026-06-15T08:40:00.000000Z",
      "fence": 4,
      "server_time": "2026-06-15T08:30:00.000000Z",
      "token": "token-of-the-lock"
    }
    "#);
    let wished = lock(&gateway, Method::POST, "").json(&json!({"ttl_seconds": 60}));
    assert_eq!(
        Answer::of(wished).await.json()["expires_at"],
        "2026-06-15T08:31:00.000000Z"
    );
    let again = lock(&gateway, Method::POST, "").json(&json!({"ttl_seconds": 3600}));
    assert_eq!(Answer::of(again).await.status, 200, "the caller had it already");
    for wrong in [
        json!({"ttl_seconds": 59}),
        json!({"ttl_seconds": -1}),
        json!({"ttl_seconds": "x"}),
    ] {
        Answer::of(lock(&gateway, Method::POST, "").json(&wrong))
            .await
            .assert_invalid(&["/ttl_seconds"]);
    }
    Answer::of(lock(&gateway, Method::POST, "").json(&json!({"DUPONT": 1})))
        .await
        .assert_refused(400, "invalid_json");
}

#[tokio::test]
async fn who_comes_second_is_told_until_when_to_wait() {
    let gateway = Gateway::start().await;
    let until = "2026-06-15T08:40:00.000Z";
    let refused = Problem::of(Code::AlreadyLocked).with("expires_at", until.to_owned());
    gateway.peer.known.refuse("acquire", refused);
    let answer = Answer::of(lock(&gateway, Method::POST, "")).await;
    answer.assert_refused(409, "already_locked");
    assert_eq!(answer.json()["expires_at"], until);
}

#[tokio::test]
async fn a_lock_goes_on_and_ends_by_its_token() {
    let gateway = Gateway::start().await;
    let beat = || lock(&gateway, Method::POST, "/heartbeat");
    let release = || lock(&gateway, Method::DELETE, "");
    insta::assert_json_snapshot!(Answer::of(beat().header("x-lock-token", LOCK)).await.json(), @r#"
    {
      "expires_at": "2026-06-15T08:40:00.000000Z",
      "server_time": "2026-06-15T08:30:00.000000Z"
    }
    "#);
    for request in [beat(), release()] {
        Answer::of(request.header("x-lock-token", "another"))
            .await
            .assert_refused(403, "token_mismatch");
    }
    let released = Answer::of(release().header("x-lock-token", LOCK)).await;
    assert_eq!((released.status.as_u16(), released.body.len()), (204, 0));
    Answer::of(release().header("x-lock-token", "with space")).await;
    let asked = gateway.peer.known.calls("release").pop().unwrap().message;
    assert!(asked.contains("lock_token: \"\""), "{asked}");
}

#[tokio::test]
async fn anybody_who_sees_the_copy_sees_whether_it_is_locked() {
    let gateway = Gateway::start().await;
    let status = gateway.get(&format!("/api/v1/copies/{COPY}/lock")).await;
    insta::assert_json_snapshot!(status.json(), @r#"
    {
      "expires_at": null,
      "locked": false,
      "mine": false
    }
    "#);
    let mine = gateway.get("/api/v1/copies?assigned_to=me").await;
    insta::assert_json_snapshot!(mine.json()["items"][0]["lock"], @r#"
    {
      "expires_at": "2026-06-15T08:40:00.000000Z",
      "mine": true
    }
    "#);
    assert!(mine.header("link").contains("&assigned_to=me>"));
    gateway
        .get("/api/v1/copies?assigned_to=DUPONT")
        .await
        .assert_invalid(&["/assigned_to"]);
}

#[tokio::test]
async fn stepping_in_needs_one_of_the_reasons() {
    let gateway = Gateway::start().await;
    for (step, method) in [
        ("lock/force-release", "force_release"),
        ("discard", "discard"),
        ("reopen", "reopen"),
    ] {
        let post = |body| {
            let path = format!("/api/v1/copies/{COPY}/{step}");
            gateway.admin(Method::POST, &path).json(&body)
        };
        for wrong in [
            json!({}),
            json!({"reason": ""}),
            json!({"reason": "DUPONT is ill"}),
            json!({"reason": 1}),
        ] {
            Answer::of(post(wrong)).await.assert_invalid(&["/reason"]);
        }
        assert!(gateway.peer.known.calls(method).is_empty());
        let done = Answer::of(post(json!({"reason": "corrector_absent"}))).await;
        assert_eq!(
            (done.status.as_u16(), done.json()["id"].as_str()),
            (200, Some(COPY))
        );
        assert!(!done.header("etag").is_empty());
        let asked = gateway.peer.known.calls(method).pop().unwrap().message;
        assert!(asked.contains("corrector_absent"), "{asked}");
    }
}
