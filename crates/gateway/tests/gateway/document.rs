//! The corrected document, whole and in parts.

use blobs::{Blobs, Config};
use contracts::grading as pb;
use reqwest::{Method, RequestBuilder};

use crate::gateway::{Answer, Gateway};
use crate::peer::COPY;

/// More than one piece of the store.
const SIZE: usize = 600_000;

fn bytes() -> Vec<u8> {
    (0..=250).cycle().take(SIZE).collect()
}

async fn with_document(gateway: &Gateway) -> String {
    let blobs = Blobs::open(&Config::directory(gateway.blobs.path().join("blobs"))).unwrap();
    let digest = blobs.put(bytes()).await.unwrap().digest.to_string();
    *gateway.peer.known.document() = Some(pb::ExportCopyReply {
        digest: digest.clone(),
        bytes: u64::try_from(SIZE).unwrap(),
        anonymous_id: "A-7Q2F".to_owned(),
    });
    format!("\"{digest}\"")
}

fn document(gateway: &Gateway) -> RequestBuilder {
    asked(gateway, "")
}

fn asked(gateway: &Gateway, query: &str) -> RequestBuilder {
    gateway.admin(Method::GET, &format!("/api/v1/copies/{COPY}/final.pdf{query}"))
}

#[tokio::test]
async fn the_document_is_shown_or_saved_and_kept_by_nobody() {
    let gateway = Gateway::start().await;
    let tag = with_document(&gateway).await;
    let shown = Answer::of(document(&gateway)).await;
    assert!(shown.status == 200 && shown.body == bytes());
    for (name, value) in [
        ("content-type", "application/pdf"),
        ("content-length", "600000"),
        ("content-disposition", "inline; filename=\"A-7Q2F.pdf\""),
        ("cache-control", "private, no-store"),
        ("accept-ranges", "bytes"),
        ("etag", tag.as_str()),
    ] {
        assert_eq!(shown.header(name), value, "{name}");
    }
    let saved = Answer::of(asked(&gateway, "?download=1")).await;
    assert_eq!(
        saved.header("content-disposition"),
        "attachment; filename=\"A-7Q2F.pdf\""
    );
    Answer::of(asked(&gateway, "?download=DUPONT"))
        .await
        .assert_invalid(&["/download"]);
    assert_eq!(gateway.peer.known.calls("export").len(), 2);
}

#[tokio::test]
async fn a_part_is_answered_with_its_place() {
    let gateway = Gateway::start().await;
    let tag = with_document(&gateway).await;
    for (range, first, last) in [
        ("bytes=0-0", 0, 0),
        ("bytes=100-300099", 100, 300_099),
        ("bytes=262143-262144", 262_143, 262_144),
        ("bytes=599990-", 599_990, 599_999),
        ("bytes=-10", 599_990, 599_999),
        ("bytes=599999-9999999", 599_999, 599_999),
    ] {
        let part = Answer::of(document(&gateway).header("range", range).header("if-range", &tag)).await;
        assert_eq!(part.status, 206, "{range}");
        assert_eq!(
            part.header("content-range"),
            format!("bytes {first}-{last}/600000")
        );
        assert_eq!(part.header("content-length"), (last - first + 1).to_string());
        assert_eq!(
            (part.header("etag"), part.header("cache-control")),
            (tag.as_str(), "private, no-store")
        );
        assert!(part.body == bytes()[first..=last], "{range}");
    }
    for range in ["bytes=2-1", "bytes=0-1,3-4", "pages=1-2", "DUPONT"] {
        let whole = Answer::of(document(&gateway).header("range", range)).await;
        assert_eq!((whole.status.as_u16(), whole.body.len()), (200, SIZE), "{range}");
    }
    let changed = document(&gateway).header("range", "bytes=0-1");
    assert_eq!(
        Answer::of(changed.header("if-range", "\"other\"")).await.status,
        200
    );
}

#[tokio::test]
async fn a_part_behind_the_end_cannot_be_given() {
    let gateway = Gateway::start().await;
    with_document(&gateway).await;
    for range in ["bytes=600000-", "bytes=-0"] {
        let beyond = Answer::of(document(&gateway).header("range", range)).await;
        beyond.assert_refused(416, "range_not_satisfiable");
        assert_eq!(beyond.header("content-range"), "bytes */600000");
    }
}

#[tokio::test]
async fn what_the_caller_has_is_not_sent_again() {
    let gateway = Gateway::start().await;
    let tag = with_document(&gateway).await;
    let known = document(&gateway)
        .header("if-none-match", &tag)
        .header("range", "bytes=0-1");
    let known = Answer::of(known).await;
    assert_eq!((known.status.as_u16(), known.body.len()), (304, 0));
    assert_eq!(
        (known.header("etag"), known.header("cache-control")),
        (tag.as_str(), "private, no-store")
    );
}

#[tokio::test]
async fn a_document_that_is_not_there_yet_and_one_that_is_lost_are_told_apart() {
    let gateway = Gateway::start().await;
    Answer::of(document(&gateway))
        .await
        .assert_refused(409, "not_graded");
    let lost = pb::ExportCopyReply {
        digest: "ab".repeat(32),
        ..pb::ExportCopyReply::default()
    };
    *gateway.peer.known.document() = Some(lost);
    Answer::of(document(&gateway))
        .await
        .assert_refused(500, "internal");
}

#[tokio::test]
async fn asking_only_for_its_head_is_not_offered() {
    let gateway = Gateway::start().await;
    let head = gateway.admin(Method::HEAD, &format!("/api/v1/copies/{COPY}/final.pdf"));
    let answer = Answer::of(head).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("allow")),
        (405, "GET, OPTIONS")
    );
    assert!(gateway.peer.known.calls("export").is_empty());
}
