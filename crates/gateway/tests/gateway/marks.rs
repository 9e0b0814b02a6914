//! Points and words about a copy.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};

use crate::gateway::{Answer, Gateway};
use crate::peer::{COPY, LOCK};

fn put(gateway: &Gateway, what: &str, body: &Value) -> RequestBuilder {
    let request = gateway.admin(Method::PUT, &format!("/api/v1/copies/{COPY}/{what}"));
    request.header("x-lock-token", LOCK).json(body)
}

#[tokio::test]
async fn the_marks_of_a_copy_come_together() {
    let gateway = Gateway::start().await;
    let marks = gateway.get(&format!("/api/v1/copies/{COPY}/scores")).await;
    insta::assert_json_snapshot!(marks.json(), @r#"
    {
      "adjustments": [],
      "appreciation": null,
      "max": "2",
      "remarks": [
        {
          "question_id": "1.a",
          "text": "Bien"
        }
      ],
      "scores": [
        {
          "points": "1.5",
          "question_id": "1.a"
        }
      ],
      "total": "1.5"
    }
    "#);
}

#[tokio::test]
async fn a_question_is_scored_in_text_and_cleared_by_null() {
    let gateway = Gateway::start().await;
    let scored = Answer::of(put(&gateway, "scores/1.a", &json!({"points": "1.25"}))).await;
    assert_eq!(scored.json()["total"], "1.25");
    Answer::of(put(&gateway, "scores/1.a", &json!({"points": null}))).await;
    let asked = gateway.peer.known.calls("set_score").pop().unwrap().message;
    assert!(asked.contains("points: \"\""), "{asked}");
    let above = Answer::of(put(&gateway, "scores/1.a", &json!({"points": "2.25"}))).await;
    above.assert_invalid(&["/points"]);
    assert_eq!(
        (&above.json()["errors"][0]["code"], &above.json()["max"]),
        (&"above_max".into(), &"2".into())
    );
}

#[tokio::test]
async fn points_that_are_a_number_or_nothing_are_not_points() {
    let gateway = Gateway::start().await;
    for (body, code) in [
        (json!({"points": 2.25}), "malformed"),
        (json!({"points": 2}), "malformed"),
        (json!({"points": -1}), "malformed"),
        (json!({"points": true}), "malformed"),
        (json!({"points": ["1"]}), "malformed"),
        (json!({"points": ""}), "malformed"),
        (json!({}), "required"),
    ] {
        let answer = Answer::of(put(&gateway, "scores/1.a", &body)).await;
        answer.assert_invalid(&["/points"]);
        assert_eq!(answer.json()["errors"][0]["code"], code, "{body}");
    }
    assert!(gateway.peer.known.calls("set_score").is_empty());
}

#[tokio::test]
async fn a_question_that_is_not_there_is_unknown() {
    let gateway = Gateway::start().await;
    for question in ["9", "DUPONT%20Marie", "%C3%A9"] {
        for what in [format!("scores/{question}"), format!("remarks/{question}")] {
            let body = if what.starts_with("scores") {
                json!({"points": "1"})
            } else {
                json!({"text": "Bien"})
            };
            Answer::of(put(&gateway, &what, &body))
                .await
                .assert_refused(404, "unknown_question");
        }
    }
}

#[tokio::test]
async fn words_are_said_and_taken_back() {
    let gateway = Gateway::start().await;
    for what in ["remarks/1.a", "appreciation"] {
        for (said, kept) in [
            (json!("Très bien"), json!("Très bien")),
            (Value::Null, Value::Null),
            (json!(""), Value::Null),
        ] {
            let answer = Answer::of(put(&gateway, what, &json!({"text": said}))).await;
            assert_eq!((answer.status.as_u16(), &answer.json()["text"]), (200, &kept));
        }
        Answer::of(put(&gateway, what, &json!({})))
            .await
            .assert_invalid(&["/text"]);
        let longest = json!({"text": "😀".repeat(4000)});
        assert_eq!(Answer::of(put(&gateway, what, &longest)).await.status, 200);
    }
}

#[tokio::test]
async fn without_the_lock_nothing_is_written() {
    let gateway = Gateway::start().await;
    for (what, body) in [
        ("scores/1.a", json!({"points": "1"})),
        ("remarks/1.a", json!({"text": "Bien"})),
        ("appreciation", json!({"text": "Bien"})),
    ] {
        let path = format!("/api/v1/copies/{COPY}/{what}");
        let request = || gateway.admin(Method::PUT, &path).json(&body);
        Answer::of(request()).await.assert_refused(409, "lock_required");
        Answer::of(request().header("x-lock-token", "another"))
            .await
            .assert_refused(403, "token_mismatch");
    }
}
