//! Archives of corrected documents: ordered, looked at, handed out.

use blobs::{Blobs, Config};
use contracts::Code;
use contracts::grading as pb;
use reqwest::Method;
use serde_json::json;

use crate::gateway::{Answer, Gateway};
use crate::peer::{COPY, EXAM, JOB};

fn of_exam(below: &str) -> String {
    format!("/api/v1/exams/{EXAM}{below}")
}

#[tokio::test]
async fn an_archive_is_ordered_under_a_key_and_the_answer_says_which_job_makes_it() {
    let gateway = Gateway::start().await;
    let order = || gateway.admin(Method::POST, &of_exam("/archive"));
    Answer::of(order())
        .await
        .assert_refused(400, "missing_idempotency_key");
    let answer = Answer::of(order().header("idempotency-key", "archive-1")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (202, format!("/api/v1/jobs/{JOB}").as_str())
    );
    let answer = answer.json();
    assert_eq!(answer["archive_id"], COPY);
    assert_eq!(
        (
            &answer["job"]["id"],
            &answer["job"]["kind"],
            &answer["job"]["state"]
        ),
        (&json!(JOB), &json!("MAKE_ARCHIVE"), &json!("QUEUED"))
    );
    gateway.peer.known.refuse("order_archive", Code::WrongState);
    let refused = Answer::of(order().header("idempotency-key", "archive-2")).await;
    refused.assert_refused(409, "wrong_state");
}

#[tokio::test]
async fn an_archive_says_how_far_it_is_and_until_when_it_is_kept() {
    let gateway = Gateway::start().await;
    let archive = gateway.get(&of_exam("/archive")).await.json();
    let at = "2026-06-15T08:30:00.000000Z";
    let job = json!({
        "id": JOB, "kind": "MAKE_ARCHIVE", "state": "SUCCEEDED", "attempt": 1, "max_attempts": 3,
        "progress": {"done": 7, "total": 7}, "error_code": null, "next_attempt_at": null, "copy_id": null,
        "batch_id": null, "revision": 4, "request_id": null,
    });
    let expected = json!({
        "id": COPY, "number": 2, "job": job, "copies": 7, "bytes": 4096, "created_at": at, "expires_at": at,
    });
    assert_eq!(archive, expected);
}

#[tokio::test]
async fn the_file_is_saved_whole_or_in_parts_and_kept_by_nobody() {
    let gateway = Gateway::start().await;
    let blobs = Blobs::open(&Config::directory(gateway.blobs.path().join("blobs"))).unwrap();
    let digest = blobs.put(&b"PK, and so on"[..]).await.unwrap().digest.to_string();
    *gateway.peer.known.document() = Some(pb::ExportCopyReply {
        digest: digest.clone(),
        ..pb::ExportCopyReply::default()
    });
    let path = of_exam("/archive.zip");
    let file = gateway.get(&path).await;
    for (name, value) in [
        ("content-type", "application/zip"),
        ("content-length", "13"),
        (
            "content-disposition",
            &format!("attachment; filename=\"corrected-{EXAM}-2.zip\""),
        ),
        ("cache-control", "private, no-store"),
        ("etag", &format!("\"{digest}\"")),
    ] {
        assert_eq!(file.header(name), value, "{name}");
    }
    assert_eq!(file.body, b"PK, and so on".as_slice());
    let part = gateway.admin(Method::GET, &path).header("range", "bytes=4-6");
    let part = Answer::of(part).await;
    assert_eq!(
        (part.status.as_u16(), part.body.as_ref()),
        (200, b"PK, and so on".as_slice())
    );
    let head = Answer::of(gateway.admin(Method::HEAD, &path)).await;
    assert_eq!(head.status.as_u16(), 405);
    gateway.peer.known.refuse("export_archive", Code::WrongState);
    gateway.get(&path).await.assert_refused(409, "wrong_state");
}
