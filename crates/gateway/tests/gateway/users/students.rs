//! Pupils as administrators see them, and lists of them.

use reqwest::{Body, Method, RequestBuilder};
use serde_json::json;

use crate::gateway::{Answer, Gateway};
use crate::peer::students::UNWANTED;
use crate::peer::{TEACHER, USER};

const IMPORT: &str = "/api/v1/students/import";

fn pupil() -> String {
    format!("/api/v1/students/{USER}")
}

fn list(gateway: &Gateway, body: impl Into<Body>) -> RequestBuilder {
    let import = gateway.admin(Method::POST, IMPORT);
    import
        .header("Content-Type", "text/csv; charset=utf-8")
        .body(body)
}

#[tokio::test]
async fn a_list_goes_through_in_pieces_and_its_bad_lines_come_back() {
    let gateway = Gateway::start().await;
    let answer = Answer::of(list(&gateway, vec![b'x'; 300_000])).await;
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "created": 300000,
      "errors": [
        {
          "code": "bad_date",
          "line": 3
        }
      ],
      "unchanged": 0,
      "updated": 0
    }
    "#);
    let empty = Answer::of(list(&gateway, "")).await;
    assert_eq!(empty.json()["created"], 0);
}

#[tokio::test]
async fn what_is_no_list_or_not_wanted_is_refused_without_being_read_to_its_end() {
    let gateway = Gateway::start().await;
    let json = gateway.admin(Method::POST, IMPORT).json(&json!({}));
    Answer::of(json)
        .await
        .assert_refused(415, "unsupported_media_type");
    let packed = list(&gateway, "x").header("Content-Encoding", "gzip");
    Answer::of(packed)
        .await
        .assert_refused(415, "unsupported_media_type");
    let teacher = gateway.request(Method::POST, IMPORT).bearer_auth(TEACHER);
    let teacher = teacher.header("Content-Type", "text/csv").body("x");
    Answer::of(teacher).await.assert_refused(403, "forbidden");

    // It never ends, and need not.
    let pieces = futures::stream::iter([Ok::<_, std::io::Error>(UNWANTED.to_vec())]);
    let endless = futures::StreamExt::chain(pieces, futures::stream::pending());
    let refused = list(&gateway, Body::wrap_stream(endless)).send();
    assert_eq!(refused.await.unwrap().status(), 413);
}

#[tokio::test]
async fn pupils_are_searched_changed_and_invited() {
    let gateway = Gateway::start().await;
    let found = gateway
        .get("/api/v1/students?search=ex%20al&class=1re%20B&limit=1")
        .await;
    assert_eq!(
        found.header("link"),
        "</api/v1/students?limit=1&cursor=more&search=ex%20al&class=1re%20B>; rel=\"next\""
    );
    assert_eq!(found.header("cache-control"), "no-store");
    insta::assert_json_snapshot!(found.json()["items"][0], @r#"
    {
      "birth_date": null,
      "class": "1re B",
      "given_names": "Alix",
      "id": "0197c000-0000-7000-8000-0000000000cc",
      "number": null,
      "surname": "EXEMPLE",
      "user_id": null
    }
    "#);
    assert_eq!(gateway.get(&pupil()).await.json()["surname"], "EXEMPLE");
    let change = json!({"class": null, "number": "12"});
    let change = gateway.admin(Method::PATCH, &pupil()).json(&change);
    assert_eq!(Answer::of(change).await.status, 200);
    let asked = gateway.peer.known.calls("update_student");
    assert!(
        asked[0]
            .message
            .contains("birth_date: None, class: Some(\"\"), number: Some(\"12\")")
    );
    let invite = gateway.admin(Method::POST, &format!("{}/invite", pupil()));
    let invited = Answer::of(invite.json(&json!({"login": "alix"}))).await;
    assert_eq!(invited.status, 201);
    assert_eq!(invited.json()["user"]["login"], "alix");
}
