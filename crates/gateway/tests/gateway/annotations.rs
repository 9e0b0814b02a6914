//! What is drawn and written on a copy.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::gateway::{Answer, Gateway};
use crate::peer::{ANNOTATION, COPY, LOCK};

fn create(gateway: &Gateway, body: &Value) -> RequestBuilder {
    let path = format!("/api/v1/copies/{COPY}/annotations");
    let request = gateway.admin(Method::POST, &path).json(body);
    request
        .header("x-lock-token", LOCK)
        .header("idempotency-key", "annotation-1")
}

fn change(gateway: &Gateway, method: Method, version: &str) -> RequestBuilder {
    let path = format!("/api/v1/copies/{COPY}/annotations/{ANNOTATION}");
    let request = gateway.admin(method, &path).header("x-lock-token", LOCK);
    request.header("if-match", version)
}

fn comment() -> Value {
    json!({
        "page_index": 0,
        "rectangle": {"x": 0.1, "y": 0.2, "w": 0.3, "h": 0.4},
        "kind": "BONUS",
        "text": "Bien vu",
        "score_delta": "0.25",
        "question_id": "1.a",
    })
}

#[tokio::test]
async fn an_annotation_is_made_with_its_first_version() {
    let gateway = Gateway::start().await;
    let answer = Answer::of(create(&gateway, &comment())).await;
    assert_eq!((answer.status.as_u16(), answer.header("etag")), (201, "\"0\""));
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "copy_id": "0197c000-0000-7000-8000-00000000000c",
      "created_at": "2026-06-15T08:30:00.000000Z",
      "created_by": "0197c000-0000-7000-8000-0000000000aa",
      "id": "0197c000-0000-7000-8000-0000000000a0",
      "ink": [],
      "kind": "BONUS",
      "page_index": 0,
      "question_id": "1.a",
      "rectangle": {
        "h": 0.4,
        "w": 0.3,
        "x": 0.1,
        "y": 0.2
      },
      "score_delta": "0.25",
      "text": "Bien vu",
      "updated_at": "2026-06-15T08:30:00.000000Z",
      "version": 0
    }
    "#);
    let list = gateway.get(&format!("/api/v1/copies/{COPY}/annotations")).await;
    assert_eq!(list.json()["items"][0]["id"], ANNOTATION);
    assert!(list.json()["items"][0]["score_delta"].is_null() && list.json()["next_cursor"].is_null());
}

#[tokio::test]
async fn it_needs_a_key_and_the_lock() {
    let gateway = Gateway::start().await;
    let path = format!("/api/v1/copies/{COPY}/annotations");
    let without_key = gateway.admin(Method::POST, &path).json(&comment());
    Answer::of(without_key.header("x-lock-token", LOCK))
        .await
        .assert_refused(400, "missing_idempotency_key");
    let without_lock = gateway.admin(Method::POST, &path).json(&comment());
    Answer::of(without_lock.header("idempotency-key", "annotation-1"))
        .await
        .assert_refused(409, "lock_required");
}

#[tokio::test]
async fn bad_geometry_is_named_by_its_place() {
    let gateway = Gateway::start().await;
    for (field, value, pointer) in [
        ("page_index", Value::Null, "/page_index"),
        ("page_index", json!(-1), "/page_index"),
        ("page_index", json!(100_000), "/page_index"),
        ("rectangle", Value::Null, "/rectangle"),
        (
            "rectangle",
            json!({"x": 0.5, "y": 0, "w": 0.6, "h": 0.1}),
            "/rectangle",
        ),
        ("rectangle", json!({"x": 0.5, "y": 0, "w": 0.1}), "/rectangle"),
        (
            "rectangle",
            json!({"x": "a", "y": 0, "w": 0.1, "h": 0.1}),
            "/rectangle/x",
        ),
        ("kind", json!("SIGNATURE"), "/kind"),
        ("kind", json!("INK"), "/ink"),
        (
            "ink",
            json!([{"points": [{"x": 0, "y": 2, "pressure": 1}]}]),
            "/ink",
        ),
        ("ink", json!([{"points": [{"x": 0, "y": 1}]}]), "/ink/0/points/0"),
        ("text", json!("x".repeat(4001)), "/text"),
        ("score_delta", json!("0.1"), "/score_delta"),
        ("score_delta", json!(0.25), "/score_delta"),
        ("score_delta", json!(1), "/score_delta"),
    ] {
        let mut body = comment();
        body[field] = value;
        Answer::of(create(&gateway, &body))
            .await
            .assert_invalid(&[pointer]);
    }
}

#[tokio::test]
async fn ink_may_have_as_many_points_as_there_may_be_and_no_megabyte_more() {
    let gateway = Gateway::start().await;
    let point = json!({"x": 0.123_456_789_012_345_67, "y": 0.123_456_789_012_345_67, "pressure": 0.123_456_789_012_345_67});
    let mut body = comment();
    body["kind"] = "INK".into();
    body["ink"] = json!([{"points": vec![point; 10_000]}]);
    let drawn = Answer::of(create(&gateway, &body)).await;
    assert_eq!(drawn.status, 201, "{}", drawn.text());
    assert_eq!(drawn.json()["ink"][0]["points"].as_array().unwrap().len(), 10_000);
    body["text"] = "x".repeat(1024 * 1024).into();
    Answer::of(create(&gateway, &body))
        .await
        .assert_refused(413, "too_large");
}

#[tokio::test]
async fn a_copy_with_all_the_annotations_that_it_may_have_is_shown() {
    let gateway = Gateway::start().await;
    gateway.peer.known.annotate(999, 201);
    let list = gateway.get(&format!("/api/v1/copies/{COPY}/annotations")).await;
    assert_eq!(list.status, 200);
    assert_eq!(list.json()["items"].as_array().unwrap().len(), 1000);
}

#[tokio::test]
async fn what_is_absent_stays_and_what_is_null_goes() {
    let gateway = Gateway::start().await;
    let asked = async |body: Value| {
        let answer = Answer::of(change(&gateway, Method::PATCH, "\"0\"").json(&body)).await;
        assert_eq!((answer.status.as_u16(), answer.header("etag")), (200, "\"1\""));
        gateway
            .peer
            .known
            .calls("update_annotation")
            .pop()
            .unwrap()
            .message
    };
    let nothing = asked(json!({})).await;
    for field in [
        "page_index",
        "rectangle",
        "kind",
        "text",
        "ink",
        "score_delta",
        "question_id",
    ] {
        assert!(nothing.contains(&format!("{field}: None")), "{nothing}");
    }
    let cleared = asked(json!({"text": null, "score_delta": null, "question_id": null, "ink": []})).await;
    for field in ["text", "score_delta", "question_id"] {
        assert!(cleared.contains(&format!("{field}: Some(\"\")")), "{cleared}");
    }
    assert!(cleared.contains("ink: Some(Ink { strokes: [] })"), "{cleared}");
    let kind = change(&gateway, Method::PATCH, "\"0\"").json(&json!({"kind": null}));
    Answer::of(kind).await.assert_invalid(&["/kind"]);
}

#[tokio::test]
async fn nobody_changes_an_annotation_that_they_have_not_read() {
    let gateway = Gateway::start().await;
    for method in [Method::PATCH, Method::DELETE] {
        let path = format!("/api/v1/copies/{COPY}/annotations/{ANNOTATION}");
        let unread = gateway.admin(method.clone(), &path).header("x-lock-token", LOCK);
        Answer::of(unread.json(&json!({})))
            .await
            .assert_refused(428, "version_required");
        for (version, status, code) in [
            ("*", 428, "version_required"),
            ("\"7\"", 412, "stale_version"),
            ("7", 412, "stale_version"),
        ] {
            let request = change(&gateway, method.clone(), version).json(&json!({}));
            Answer::of(request).await.assert_refused(status, code);
        }
    }
    let gone = Answer::of(change(&gateway, Method::DELETE, "\"0\"")).await;
    assert_eq!((gone.status.as_u16(), gone.body.len()), (204, 0));
    let nobody = gateway.admin(
        Method::DELETE,
        &format!("/api/v1/copies/{COPY}/annotations/DUPONT"),
    );
    Answer::of(nobody.header("if-match", "\"0\""))
        .await
        .assert_refused(404, "not_found");
}
