//! Children that were taken over: the parent believes nothing it can check.

use std::time::Duration;

use domain::FailureCode;
use pdf_worker::sandbox::Cause;

use crate::harness::Harness;

pub const CONFINED: &str = r#"echo '{"confined":{"files":"full","network":"full","system_calls":"full"}}'"#;
const OPENED: &str = r#"echo '{"opened":{"pages":1}}'"#;
const DONE: &str = r#"echo '"done"'"#;

fn page(index: u32) -> String {
    let image = r#"{"format":"image/png","width":1,"height":1}"#;
    let identity = if index == 0 { image } else { "null" };
    format!(
        r#"echo '{{"page":{{"index":{index},"width":1000,"height":1000,"rotation":"0","display":{image},"thumbnail":{image},"identity":{identity}}}}}'"#
    )
}

async fn cause(script: &[&str]) -> Cause {
    let run = Harness::with_impostor(&script.join("\n")).run(b"").await;
    let error = run.outcome.unwrap_err();
    assert_eq!(error.code, FailureCode::Unknown);
    error.cause
}

#[tokio::test]
async fn a_false_story_is_not_believed() {
    for story in [
        vec!["echo hello"],
        vec![CONFINED, OPENED, DONE],
        vec![CONFINED, &page(0), DONE],
        vec![CONFINED, OPENED, &page(1), DONE],
        vec![CONFINED, OPENED, &page(0), &page(1), DONE],
        vec![CONFINED, OPENED, &page(0), DONE, DONE],
        vec![OPENED, &page(0), DONE],
        vec![CONFINED, r#"echo '{"opened":{"pages":0}}'"#],
        vec![CONFINED, r#"echo '{"opened":{"pages":501}}'"#],
        vec![CONFINED, r#"echo '{"failed":{"code":"because"}}'"#],
        vec![CONFINED, r#"echo '{"tried":{"refused":true}}'"#],
        // What only who reads may say.
        vec![CONFINED, r#"echo '"reading"'"#],
        vec![CONFINED, r#"echo '{"failed":{"code":"ocr_unavailable"}}'"#],
        vec![
            CONFINED,
            OPENED,
            r#"echo '{"corrected":{"pages":2,"anonymous":null}}'"#,
        ],
        vec!["head -c 600000 /dev/zero"],
    ] {
        assert_eq!(cause(&story).await, Cause::Protocol, "{story:?}");
    }
}

#[tokio::test]
async fn half_a_story_is_none() {
    assert_eq!(cause(&["exit 0"]).await, Cause::Silence);
    assert_eq!(cause(&[CONFINED, OPENED, "exit 1"]).await, Cause::Silence);
    assert_eq!(
        cause(&[CONFINED, OPENED, &page(0), DONE, "exit 1"]).await,
        Cause::Silence
    );
    assert_eq!(cause(&[CONFINED, "printf '{'"]).await, Cause::Silence);
    assert_eq!(cause(&["kill -SEGV $$"]).await, Cause::Signal);
    assert_eq!(cause(&["kill -KILL $$"]).await, Cause::Signal);
}

#[tokio::test]
async fn files_without_end_end_the_child() {
    let mut harness =
        Harness::with_impostor("i=0\nwhile :; do head -c 1000000 /dev/zero >file$i; i=$((i+1)); done");
    harness.disk_limit(20_000_000);
    let error = harness.run(b"").await.outcome.unwrap_err();
    assert_eq!(
        (error.cause, error.code),
        (Cause::DiskSpace, FailureCode::PageTooLarge)
    );
}

#[tokio::test]
async fn a_flood_of_words_stops_nobody() {
    let script = ["head -c 1000000 /dev/zero >&2", "exit 1"];
    assert_eq!(cause(&script).await, Cause::Silence);
}

#[tokio::test]
async fn a_child_that_closes_its_mouth_and_stays_is_stopped() {
    let mut harness = Harness::with_impostor("exec >&- 2>&-\nexec sleep 60");
    harness.wall_limit(Duration::from_millis(300));
    assert_eq!(harness.run(b"").await.outcome.unwrap_err().cause, Cause::WallTime);
}

#[tokio::test]
async fn an_image_is_only_read_if_it_is_a_plain_file_of_its_kind() {
    for image in [
        "ln -s /etc/hostname 00000.display",
        "mkfifo 00000.display",
        "echo text >00000.display",
        ":",
    ] {
        let script = [CONFINED, OPENED, image, &page(0), DONE].join("\n");
        let run = Harness::with_impostor(&script).run(b"").await;
        let [page] = run.pages.as_slice() else {
            panic!("one page was announced")
        };
        assert_eq!(
            page.display.read().await.unwrap_err().cause,
            Cause::Protocol,
            "{image}"
        );
    }
}
