//! Who wrote a copy, read by Tesseract in the sandbox.

use std::time::Duration;

use domain::{FailureCode, Reading};
use pdf_worker::sandbox::{Cause, Layer};
use testkit::{corpus, stand_in};

use crate::harness::{Harness, entries};
use crate::impostors::CONFINED;

/// The image of the upper part of a page on which these lines are printed.
async fn zone(lines: &[&str]) -> Vec<u8> {
    let harness = Harness::new();
    let run = harness.run(&corpus::header(lines)).await;
    run.pages[0].identity.as_ref().unwrap().read().await.unwrap()
}

async fn failure(harness: &Harness, image: &[u8]) -> (FailureCode, Cause) {
    match harness.read(image).await {
        Ok(text) => panic!("{} letters were read", text.reading.expose().len()),
        Err(error) => (error.code, error.cause),
    }
}

#[tokio::test]
async fn what_is_printed_on_a_copy_is_read_by_a_program_that_can_do_nothing_else() {
    let harness = Harness::new();
    let image = zone(&["NOM : NOISETIER", "Pr\u{e9}nom : \u{c9}lo\u{ef}se"]).await;
    let text = harness.read(&image).await.unwrap();
    assert_eq!(text.reading.expose(), "NOM : NOISETIER Prénom : Éloïse");
    let held = text.confinement;
    assert_eq!(
        [held.files, held.network, held.system_calls],
        [Layer::Full, Layer::Full, Layer::Full]
    );
    assert_eq!(entries(harness.work_dir.path()), 0);
}

#[tokio::test]
async fn without_the_program_nothing_is_read() {
    let harness = Harness::with(|config| config.reader = "/nowhere/tesseract".into());
    let image = zone(&["NOISETIER"]).await;
    assert_eq!(
        failure(&harness, &image).await,
        (FailureCode::OcrUnavailable, Cause::NoReader)
    );
}

#[tokio::test]
async fn what_takes_too_long_or_is_no_image_is_not_read() {
    let harness = Harness::with(|config| config.reading_limit = Duration::from_millis(1));
    let image = zone(&["NOISETIER"]).await;
    assert_eq!(
        failure(&harness, &image).await,
        (FailureCode::OcrTimeout, Cause::WallTime)
    );
    // Text is a list of files and addresses to Tesseract, which it may not open.
    let lists = [
        &b"not an image"[..],
        b"/etc/hostname\n",
        b"http://127.0.0.1:9/image.png\n",
    ];
    for list in lists {
        let (code, _) = failure(&Harness::new(), list).await;
        assert_eq!(code, FailureCode::OcrFailed);
    }
}

/// A program whose only work is a call that no reader makes.
#[tokio::test]
async fn a_reader_that_wants_more_than_to_read_is_ended() {
    let harness = Harness::with(|config| config.reader = "/usr/bin/unshare".into());
    assert_eq!(
        failure(&harness, b"an image").await,
        (FailureCode::OcrFailed, Cause::Forbidden)
    );
}

/// A program out of another file than the one that was named, which would not even be loaded.
#[tokio::test]
async fn a_reader_may_start_no_other_program() {
    let mut harness = Harness::new();
    stand_in(harness.work_dir.path(), "script", "echo NOISETIER");
    harness.reader(harness.work_dir.path().join("script"));
    assert_eq!(
        failure(&harness, b"an image").await,
        (FailureCode::OcrUnavailable, Cause::NoReader)
    );
}

/// Readers that were taken over by what they read.
#[tokio::test]
async fn what_a_reader_says_is_bounded_and_counts_only_if_it_ends_well() {
    let said = |script: &str| Harness::with_impostor(&format!("{CONFINED}\necho '\"reading\"'\n{script}"));
    let endless = said("head -c 1000000 /dev/zero | tr '\\0' a");
    let text = endless.read(b"an image").await.unwrap();
    assert_eq!(text.reading.expose().len(), Reading::MAX_BYTES);
    let raw = said(r"printf 'NOM\000\033[2J\377 :\014\n\n'")
        .read(b"an image")
        .await
        .unwrap();
    assert_eq!(raw.reading.expose(), "NOM [2J\u{fffd} :");
    let failed = said("echo NOISETIER; exit 1");
    assert_eq!(
        failure(&failed, b"an image").await,
        (FailureCode::OcrFailed, Cause::Silence)
    );
    let unconfined = Harness::with_impostor("echo '\"reading\"'; echo NOISETIER");
    assert_eq!(
        failure(&unconfined, b"an image").await,
        (FailureCode::OcrFailed, Cause::Protocol)
    );
    let languages = said("echo 'Error opening data file fra.traineddata' >&2; exit 1");
    assert_eq!(
        failure(&languages, b"an image").await,
        (FailureCode::OcrUnavailable, Cause::NoReader)
    );
}
