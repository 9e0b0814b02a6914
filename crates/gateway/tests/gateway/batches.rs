//! Scans of many copies: taken in like a copy, and shown with where their pages went.

use contracts::{FieldCode, Problem};
use domain::Digest;
use reqwest::multipart::{Form, Part};
use reqwest::{Method, RequestBuilder};
use serde_json::json;

use crate::gateway::{Answer, Gateway};
use crate::peer::{BATCH, EXAM, JOB, TEACHER};

const PDF: &[u8] = b"%PDF-1.7\nwhatever follows is the worker's business";

fn upload(gateway: &Gateway, bytes: &'static [u8]) -> RequestBuilder {
    let part = Part::bytes(bytes).file_name("3e B, DUPONT a MARTIN.pdf");
    gateway
        .admin(Method::POST, &format!("/api/v1/exams/{EXAM}/batches"))
        .header("idempotency-key", "batch-1")
        .multipart(Form::new().part("file", part))
}

#[tokio::test]
async fn an_uploaded_scan_is_stored_and_registered() {
    let gateway = Gateway::start().await;
    let answer = Answer::of(upload(&gateway, PDF)).await;
    assert_eq!(answer.status, 202, "{}", answer.text());
    assert_eq!(answer.header("location"), format!("/api/v1/jobs/{JOB}"));
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "batch_id": "0197c000-0000-7000-8000-0000000000ba",
      "job": {
        "attempt": 0,
        "batch_id": "0197c000-0000-7000-8000-0000000000ba",
        "copy_id": null,
        "error_code": null,
        "id": "0197c000-0000-7000-8000-00000000000b",
        "kind": "SPLIT_BATCH",
        "max_attempts": 3,
        "next_attempt_at": null,
        "progress": {
          "done": 0,
          "total": 0
        },
        "request_id": null,
        "revision": 0,
        "state": "QUEUED"
      }
    }
    "#);
    let digest = Digest::of(PDF).to_string();
    assert_eq!(gateway.files(), std::slice::from_ref(&digest));
    let asked = gateway.peer.known.calls("register_batch").pop().unwrap().message;
    assert!(asked.contains(&digest) && !asked.contains("DUPONT"), "{asked}");
}

#[tokio::test]
async fn what_may_not_come_is_refused_before_a_byte_of_it_is_kept() {
    let gateway = Gateway::start().await;
    let required = Problem::field("/pages_per_copy", FieldCode::Required);
    gateway.peer.known.refuse("authorize_batch", required);
    let answer = Answer::of(upload(&gateway, PDF)).await;
    answer.assert_invalid(&["/pages_per_copy"]);
    assert!(gateway.files().is_empty());
    assert!(gateway.peer.known.calls("register_batch").is_empty());
}

#[tokio::test]
async fn a_batch_says_where_its_pages_went() {
    let gateway = Gateway::start().await;
    let answer = gateway.get(&format!("/api/v1/batches/{BATCH}")).await;
    assert_eq!(answer.status, 200);
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "anomalies": [
        {
          "kind": "no_back",
          "page": 0
        }
      ],
      "copies": [
        {
          "copy_id": "0197c000-0000-7000-8000-00000000000c",
          "discarded": false,
          "pieces": [
            {
              "page": 0,
              "part": "right"
            },
            {
              "page": 0,
              "part": "left"
            }
          ]
        }
      ],
      "created_at": "2026-06-15T08:30:00.000000Z",
      "error_code": null,
      "exam_id": "0197c000-0000-7000-8000-00000000000e",
      "id": "0197c000-0000-7000-8000-0000000000ba",
      "job_id": "0197c000-0000-7000-8000-00000000000b",
      "layout": "A3_FOLDED",
      "page_count": 1,
      "pages_per_copy": 4,
      "status": "SPLIT"
    }
    "#);
    let listed = gateway
        .get(&format!("/api/v1/exams/{EXAM}/batches?limit=1"))
        .await;
    assert_eq!(
        listed.header("link"),
        format!("</api/v1/exams/{EXAM}/batches?limit=1&cursor=more>; rel=\"next\"")
    );
    let item = &listed.json()["items"][0];
    assert_eq!((&item["id"], item.get("copies")), (&json!(BATCH), None));
}

#[tokio::test]
async fn a_batch_is_put_aside_for_a_reason_by_an_administrator() {
    let gateway = Gateway::start().await;
    let path = format!("/api/v1/batches/{BATCH}/discard");
    let body = json!({"reason": "bad_scan"});
    let answer = Answer::of(gateway.admin(Method::POST, &path).json(&body)).await;
    assert_eq!(
        answer.json(),
        json!({
            "discarded": 1,
            "refused": [{"copy_id": crate::peer::COPY, "code": "wrong_state"}],
        })
    );
    let unknown = json!({"reason": "DUPONT Marie was ill"});
    let answer = Answer::of(gateway.admin(Method::POST, &path).json(&unknown)).await;
    answer.assert_invalid(&["/reason"]);
    let teacher = gateway
        .request(Method::POST, &path)
        .bearer_auth(TEACHER)
        .json(&body);
    assert_eq!(Answer::of(teacher).await.status, 403);
}
