//! What starts a job for a copy that is there.

mod archives;
mod results;

use contracts::{Code, Problem};
use reqwest::{Method, RequestBuilder};

use crate::gateway::{Answer, Gateway};
use crate::peer::{COPY, JOB, LOCK};

fn finalize(gateway: &Gateway) -> RequestBuilder {
    gateway.admin(Method::POST, &format!("/api/v1/copies/{COPY}/finalize"))
}

#[tokio::test]
async fn finalizing_is_answered_with_the_job_that_makes_the_document() {
    let gateway = Gateway::start().await;
    let request = finalize(&gateway)
        .header("idempotency-key", "finalize-1")
        .header("x-lock-token", LOCK);
    let answer = Answer::of(request).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (202, format!("/api/v1/jobs/{JOB}").as_str())
    );
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "job": {
        "attempt": 0,
        "batch_id": null,
        "copy_id": "0197c000-0000-7000-8000-00000000000c",
        "error_code": null,
        "id": "0197c000-0000-7000-8000-00000000000b",
        "kind": "FINALIZE_COPY",
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
    let asked = gateway.peer.known.calls("finalize").pop().unwrap().message;
    assert!(asked.contains("finalize-1") && asked.contains(LOCK), "{asked}");
}

#[tokio::test]
async fn finalizing_needs_a_key_and_leaves_the_lock_to_grading() {
    let gateway = Gateway::start().await;
    Answer::of(finalize(&gateway).header("x-lock-token", LOCK))
        .await
        .assert_refused(400, "missing_idempotency_key");
    Answer::of(finalize(&gateway).header("idempotency-key", "finalize-1"))
        .await
        .assert_refused(409, "lock_required");
}

#[tokio::test]
async fn a_total_that_cannot_be_is_told_with_its_bounds() {
    let gateway = Gateway::start().await;
    let refused = Problem::of(Code::ScoreOutOfRange).with("total", "20.5".to_owned());
    gateway
        .peer
        .known
        .refuse("finalize", refused.with("max", "20".to_owned()));
    let answer = Answer::of(finalize(&gateway).header("idempotency-key", "finalize-1")).await;
    answer.assert_refused(409, "score_out_of_range");
    assert_eq!(
        (&answer.json()["total"], &answer.json()["max"]),
        (&"20.5".into(), &"20".into())
    );
}

#[tokio::test]
async fn an_import_is_tried_again() {
    let gateway = Gateway::start().await;
    let path = format!("/api/v1/copies/{COPY}/retry-import");
    let answer = Answer::of(gateway.admin(Method::POST, &path)).await;
    assert_eq!(
        (answer.status.as_u16(), &answer.json()["job"]["kind"]),
        (202, &"IMPORT_COPY".into())
    );
    assert_eq!(answer.header("location"), format!("/api/v1/jobs/{JOB}"));
}
