//! Exams and lists.

#[cfg(test)]
mod dispatch;

use reqwest::Method;
use serde_json::json;

use crate::gateway::{Answer, Gateway};
use crate::peer::{EXAM, TEACHER};

#[tokio::test]
async fn a_new_exam_is_answered_with_its_place_and_version() {
    let gateway = Gateway::start().await;
    let zone = json!({"pages": "first", "x": 0.1, "y": 0.05, "w": 0.8, "h": 0.2});
    let exam = json!({"name": "Physique", "date": "2026-06-15", "identity_zone": zone, "pages_per_copy": 4});
    let answer = Answer::of(gateway.admin(Method::POST, "/api/v1/exams").json(&exam)).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(answer.header("location"), format!("/api/v1/exams/{EXAM}"));
    assert_eq!(answer.header("etag"), "\"3\"");
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "classes": [],
      "correctors": [],
      "date": "2026-06-15",
      "id": "0197c000-0000-7000-8000-00000000000e",
      "identity_zone": {
        "h": 0.2,
        "pages": "first",
        "w": 0.8,
        "x": 0.1,
        "y": 0.05
      },
      "layout": "A4",
      "marking_scheme": null,
      "max": "20",
      "name": "Physique",
      "pages_per_copy": null,
      "released_at": null,
      "version": 3
    }
    "#);
}

#[tokio::test]
async fn what_grading_forbids_is_forbidden() {
    let gateway = Gateway::start().await;
    let exam = gateway
        .request(Method::POST, "/api/v1/exams")
        .bearer_auth(TEACHER);
    Answer::of(exam.json(&json!({"name": "Physique"})))
        .await
        .assert_refused(403, "forbidden");
}

#[tokio::test]
async fn an_exam_is_read_with_its_version() {
    let gateway = Gateway::start().await;
    let answer = gateway.get(&format!("/api/v1/exams/{EXAM}")).await;
    assert_eq!((answer.status.as_u16(), answer.header("etag")), (200, "\"3\""));
    let other = gateway
        .get("/api/v1/exams/0197c000-0000-7000-8000-0000000000ff")
        .await;
    other.assert_refused(404, "not_found");
}

#[tokio::test]
async fn a_list_leads_from_page_to_page() {
    let gateway = Gateway::start().await;
    let first = gateway.get("/api/v1/exams?limit=1").await;
    assert_eq!(first.json()["next_cursor"], "after this & that");
    let link = first.header("link").to_owned();
    assert_eq!(
        link,
        "</api/v1/exams?limit=1&cursor=after%20this%20%26%20that>; rel=\"next\""
    );
    let next = link.trim_start_matches('<').split('>').next().unwrap();
    let last = gateway.get(next).await;
    assert!(last.json()["next_cursor"].is_null());
    assert_eq!(last.header("link"), "");
    let asked = gateway.peer.known.calls("list_exams");
    assert!(asked[1].message.contains("after this & that") && asked[1].message.contains("limit: 1"));
}

#[tokio::test]
async fn a_query_that_makes_no_sense_is_named() {
    let gateway = Gateway::start().await;
    for query in [
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=DUPONT",
        "limit=1&limit=2",
        "limit=99999999999999999999",
    ] {
        let answer = gateway.get(&format!("/api/v1/exams?{query}")).await;
        answer.assert_invalid(&["/limit"]);
        assert!(!answer.text().contains("DUPONT"));
    }
    assert_eq!(gateway.get("/api/v1/exams?unknown=1&%ff").await.status, 200);
}
