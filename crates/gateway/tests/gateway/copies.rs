//! Copies, their pages and their events.

use blobs::{Blobs, Config};
use contracts::{Code, grading as pb};
use reqwest::Method;

use crate::gateway::{Answer, Gateway};
use crate::peer::{COPY, EXAM};

#[tokio::test]
async fn a_copy_has_its_pages_alone_and_none_in_a_list() {
    let gateway = Gateway::start().await;
    let copy = gateway.get(&format!("/api/v1/copies/{COPY}")).await;
    assert_eq!(copy.header("etag"), "\"2\"");
    insta::assert_json_snapshot!(copy.json(), @r#"
    {
      "anonymous_id": "A-7Q2F",
      "booklets": [
        {
          "id": "0197c000-0000-7000-8000-00000000000e",
          "pages": 1
        }
      ],
      "corrector_id": null,
      "created_at": "2026-06-15T08:30:00.123000Z",
      "error_code": null,
      "exam_id": "0197c000-0000-7000-8000-00000000000e",
      "finalize_job": null,
      "id": "0197c000-0000-7000-8000-00000000000c",
      "import_job": {
        "attempt": 0,
        "batch_id": null,
        "copy_id": "0197c000-0000-7000-8000-00000000000c",
        "error_code": null,
        "id": "0197c000-0000-7000-8000-00000000000b",
        "kind": "IMPORT_COPY",
        "max_attempts": 3,
        "next_attempt_at": null,
        "progress": {
          "done": 0,
          "total": 0
        },
        "request_id": null,
        "revision": 0,
        "state": "QUEUED"
      },
      "lock": null,
      "max": "20",
      "page_count": 1,
      "pages": [
        {
          "height": 841.89,
          "index": 0,
          "width": 595.276
        }
      ],
      "retries": 0,
      "score": "12.25",
      "status": "STAGING",
      "version": 2
    }
    "#);
    let list = gateway
        .get(&format!("/api/v1/copies?exam_id={EXAM}&status=STAGING&limit=2"))
        .await;
    assert!(list.json()["items"][0].get("pages").is_none());
    assert_eq!(list.json()["items"][0]["page_count"], 1);
    let next = format!("</api/v1/copies?limit=2&cursor=next&exam_id={EXAM}&status=STAGING>; rel=\"next\"");
    assert_eq!(list.header("link"), next);
}

#[tokio::test]
async fn a_copy_is_validated_in_the_version_that_was_read() {
    let gateway = Gateway::start().await;
    let validate = || gateway.admin(Method::POST, &format!("/api/v1/copies/{COPY}/validate"));
    for fine in [
        validate(),
        validate().header("if-match", "\"2\""),
        validate().header("if-match", "*"),
    ] {
        let answer = Answer::of(fine).await;
        assert_eq!((answer.status.as_u16(), answer.header("etag")), (200, "\"3\""));
        assert_eq!(answer.json()["status"], "READY");
    }
    for stale in ["\"1\"", "W/\"2\"", "\"DUPONT\"", "2"] {
        Answer::of(validate().header("if-match", stale))
            .await
            .assert_refused(412, "stale_version");
    }
}

#[tokio::test]
async fn a_refused_validation_tells_the_state_of_the_copy() {
    let gateway = Gateway::start().await;
    let wrong_state = contracts::Problem::from(domain::Refusal::WrongState(domain::Status::Ready));
    gateway.peer.known.refuse("validate", wrong_state);
    let answer = Answer::of(gateway.admin(Method::POST, &format!("/api/v1/copies/{COPY}/validate"))).await;
    answer.assert_refused(409, "wrong_state");
    assert_eq!(answer.json()["copy_status"], "READY");
}

#[tokio::test]
async fn the_events_of_a_copy_have_their_metadata_as_an_object() {
    let gateway = Gateway::start().await;
    let answer = gateway.get(&format!("/api/v1/copies/{COPY}/events")).await;
    insta::assert_json_snapshot!(answer.json(), @r#"
    {
      "items": [
        {
          "action": "IMPORT",
          "actor_id": "0197c000-0000-7000-8000-0000000000aa",
          "actor_type": "user",
          "at": "2026-06-15T08:30:00.000000Z",
          "hash": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
          "id": "0197c000-0000-7000-8000-0000000000ee",
          "metadata": {
            "filename": "0197c000-0000-7000-8000-00000000000c.pdf",
            "pages": 1
          },
          "operation_id": "0197c000-0000-7000-8000-00000000000b",
          "prev": "0000000000000000000000000000000000000000000000000000000000000000",
          "seq": 1
        }
      ],
      "next_cursor": null
    }
    "#);
}

pub async fn with_image(gateway: &Gateway, bytes: &'static [u8]) -> String {
    let blobs = Blobs::open(&Config::directory(gateway.blobs.path().join("blobs"))).unwrap();
    let digest = blobs.put(bytes).await.unwrap().digest.to_string();
    let image = pb::PageImage {
        digest: digest.clone(),
        media_type: "image/png".to_owned(),
    };
    *gateway.peer.known.image() = Some(image);
    digest
}

#[tokio::test]
async fn the_image_of_a_page_is_sent_once_and_confirmed_afterwards() {
    let gateway = Gateway::start().await;
    let digest = with_image(&gateway, b"not really a png").await;
    let path = format!("/api/v1/copies/{COPY}/pages/0");
    let answer = gateway.get(&path).await;
    assert_eq!(
        (answer.status.as_u16(), answer.body.as_slice()),
        (200, &b"not really a png"[..])
    );
    assert_eq!(answer.header("content-type"), "image/png");
    assert_eq!(answer.header("content-length"), "16");
    assert_eq!(answer.header("cache-control"), "private, no-cache");
    assert_eq!(answer.header("etag"), format!("\"{digest}\""));
    for tag in [
        format!("\"{digest}\""),
        format!("W/\"{digest}\""),
        format!("\"other\", \"{digest}\""),
        "*".to_owned(),
    ] {
        let again = Answer::of(gateway.admin(Method::GET, &path).header("if-none-match", tag)).await;
        assert_eq!((again.status.as_u16(), again.body.len()), (304, 0));
        assert_eq!(again.header("etag"), format!("\"{digest}\""));
    }
    let other = Answer::of(
        gateway
            .admin(Method::GET, &path)
            .header("if-none-match", "\"other\""),
    )
    .await;
    assert_eq!(other.status, 200);
    let part = Answer::of(gateway.admin(Method::GET, &path).header("range", "bytes=4-9")).await;
    assert_eq!((part.status.as_u16(), part.text().as_str()), (206, "really"));
    assert_eq!(part.header("content-range"), "bytes 4-9/16");
    assert_eq!(part.header("content-disposition"), "inline");
    Answer::of(gateway.admin(Method::GET, &path).header("range", "bytes=16-"))
        .await
        .assert_refused(416, "range_not_satisfiable");
    let head = Answer::of(gateway.admin(Method::HEAD, &path)).await;
    assert_eq!((head.header("content-length"), head.body.len()), ("16", 0));
}

#[tokio::test]
async fn a_page_comes_in_two_sizes_and_no_other() {
    let gateway = Gateway::start().await;
    with_image(&gateway, b"x").await;
    let path = format!("/api/v1/copies/{COPY}/pages/0");
    for (query, size) in [
        ("", "size: 1"),
        ("?size=display", "size: 1"),
        ("?size=thumb", "size: 2"),
    ] {
        assert_eq!(gateway.get(&format!("{path}{query}")).await.status, 200);
        let asked = gateway
            .peer
            .known
            .calls("get_page_image")
            .pop()
            .unwrap()
            .message
            .to_lowercase();
        let named = if size.ends_with('1') {
            "display"
        } else {
            "thumbnail"
        };
        assert!(asked.contains(named) || asked.contains(size), "{asked}");
    }
    gateway
        .get(&format!("{path}?size=huge"))
        .await
        .assert_invalid(&["/size"]);
    let beyond = gateway.get(&format!("/api/v1/copies/{COPY}/pages/7")).await;
    beyond.assert_refused(404, "not_found");
}

#[tokio::test]
async fn a_page_that_only_shows_who_wrote_it_is_kept_from_correctors() {
    let gateway = Gateway::start().await;
    gateway.peer.known.refuse("get_page_image", Code::Forbidden);
    let page = gateway.get(&format!("/api/v1/copies/{COPY}/pages/0")).await;
    page.assert_refused(403, "forbidden");
}

#[tokio::test]
async fn an_image_that_is_gone_is_our_fault_and_tells_nothing() {
    let gateway = Gateway::start().await;
    let image = pb::PageImage {
        digest: "ab".repeat(32),
        media_type: "image/png".to_owned(),
    };
    *gateway.peer.known.image() = Some(image);
    let page = gateway.admin(Method::GET, &format!("/api/v1/copies/{COPY}/pages/0"));
    // One that is made up for the request might have the same letters.
    let answer = Answer::of(page.header("x-request-id", "client.req-0042")).await;
    answer.assert_refused(500, Code::Internal.as_str());
    assert!(!answer.text().contains("abab"));
}
