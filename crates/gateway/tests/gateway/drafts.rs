//! What a corrector has not saved yet.

use contracts::Code;
use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::gateway::{Answer, Gateway};
use crate::peer::COPY;

fn draft(gateway: &Gateway, method: Method) -> RequestBuilder {
    gateway.admin(method, &format!("/api/v1/copies/{COPY}/draft"))
}

#[tokio::test]
async fn a_draft_comes_back_letter_by_letter() {
    let gateway = Gateway::start().await;
    assert_eq!(Answer::of(draft(&gateway, Method::GET)).await.status, 204);
    let payload = "{\"z\": 1.10, \"a\": 123456789012345678901234567890, \"a\": null}";
    let body = format!("{{\"client_id\": \"window-1\", \"version\": 6, \"payload\": {payload}}}");
    let request = draft(&gateway, Method::PUT).header("content-type", "application/json");
    let saved = Answer::of(request.body(body)).await;
    assert_eq!(
        (
            saved.status.as_u16(),
            &saved.json()["version"],
            &saved.json()["client_id"]
        ),
        (200, &7.into(), &"window-1".into())
    );
    let read = Answer::of(draft(&gateway, Method::GET)).await;
    assert!(read.text().contains(payload), "{}", read.text());
    assert_eq!(Answer::of(draft(&gateway, Method::DELETE)).await.status, 204);
    assert_eq!(Answer::of(draft(&gateway, Method::GET)).await.status, 204);
}

#[tokio::test]
async fn a_draft_is_any_json_but_it_is_there() {
    let gateway = Gateway::start().await;
    for payload in [Value::Null, json!(false), json!("x"), json!([1, {}])] {
        let body = json!({"client_id": "a", "payload": payload});
        let saved = Answer::of(draft(&gateway, Method::PUT).json(&body)).await;
        assert_eq!((saved.status.as_u16(), &saved.json()["payload"]), (200, &payload));
    }
    Answer::of(draft(&gateway, Method::PUT).json(&json!({"client_id": "a"})))
        .await
        .assert_invalid(&["/payload"]);
}

#[tokio::test]
async fn a_payload_has_at_most_256_kibibytes() {
    let gateway = Gateway::start().await;
    let with = |letters: usize| {
        let body = json!({"client_id": "a", "payload": "x".repeat(letters)});
        draft(&gateway, Method::PUT).json(&body)
    };
    let most = 256 * 1024 - 2;
    assert_eq!(Answer::of(with(most)).await.status, 200);
    for more in [most + 1, most + 100_000] {
        Answer::of(with(more)).await.assert_refused(413, "too_large");
    }
}

#[tokio::test]
async fn what_another_window_saved_is_not_overwritten() {
    let gateway = Gateway::start().await;
    gateway.peer.known.refuse("put_draft", Code::NewerDraft);
    let body = json!({"client_id": "a", "version": 1, "payload": {}});
    Answer::of(draft(&gateway, Method::PUT).json(&body))
        .await
        .assert_refused(409, "newer_draft");
}
