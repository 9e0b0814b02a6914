//! What documents do to their child, and what the parent makes of it.

use std::time::{Duration, Instant};

use domain::exam::ZonePages;
use domain::{FailureCode, IdentityZone, Rectangle};
use pdf_worker::sandbox::Cause;
use testkit::corpus;

use crate::harness::{Harness, Run, entries};

fn refusal(run: &Run) -> (FailureCode, Cause) {
    let error = run.outcome.as_ref().unwrap_err();
    (error.code, error.cause)
}

#[tokio::test]
async fn every_page_of_a_scan_is_handed_over_in_order_with_its_images() {
    let harness = Harness::new();
    let run = harness.run(&corpus::scan(3, 1)).await;
    assert_eq!(run.outcome.unwrap().pages, 3);
    assert_eq!(run.total, Some(3));
    assert_eq!(
        run.pages.iter().map(|page| page.index).collect::<Vec<_>>(),
        [0, 1, 2]
    );
    for page in &run.pages {
        for image in [&page.display, &page.thumbnail] {
            let pixels = image::load_from_memory(&image.read().await.unwrap()).unwrap();
            assert_eq!((pixels.width(), pixels.height()), (image.width, image.height));
        }
    }
}

#[tokio::test]
async fn pages_with_an_identity_zone_come_without_it_too() {
    let zone = IdentityZone {
        pages: ZonePages::First,
        area: Rectangle::from_fractions([0.0, 0.0, 1.0, 0.25]).unwrap(),
    };
    let harness = Harness::new();
    let run = harness.import(&corpus::scan(2, 1), Some(zone)).await;
    assert_eq!(run.outcome.unwrap().pages, 2);
    let [first, second] = run.pages.as_slice() else {
        panic!("two pages were announced")
    };
    assert!(second.redacted.is_none());
    let (display, thumbnail) = first.redacted.as_ref().unwrap();
    for image in [display, thumbnail] {
        let pixels = image::load_from_memory(&image.read().await.unwrap())
            .unwrap()
            .to_rgb8();
        let blank = pixels.get_pixel(0, 0).0;
        // In a JPEG the edge of the zone shines into the block that it crosses.
        let height = pixels.height() / 4 - 16;
        let mut inside = pixels.enumerate_pixels().filter(|(_, y, _)| *y < height);
        assert!(inside.all(|(_, _, pixel)| {
            pixel
                .0
                .iter()
                .zip(blank)
                .all(|(one, other)| one.abs_diff(other) < 4)
        }));
        image.remove().await.unwrap();
        assert!(image.read().await.is_err());
    }
}

#[tokio::test]
async fn what_the_child_reports_is_the_code_of_the_job() {
    let harness = Harness::new();
    for (document, code) in [
        (corpus::not_a_pdf(), FailureCode::InvalidPdf),
        (corpus::user_encrypted(), FailureCode::EncryptedPdf),
        (corpus::zero_pages(), FailureCode::EmptyResult),
        (corpus::many_pages(501), FailureCode::TooManyPages),
        (corpus::gigantic_page(), FailureCode::PageTooLarge),
    ] {
        let run = harness.run(&document).await;
        assert_eq!(refusal(&run), (code, Cause::Reported));
        assert!(run.pages.is_empty());
    }
}

#[tokio::test]
async fn a_document_that_takes_too_long_is_stopped_by_the_wall_timer() {
    let harness = Harness::with(|config| config.wall_limit = Duration::from_millis(300));
    let begin = Instant::now();
    assert_eq!(
        refusal(&harness.run(&corpus::endless()).await),
        (FailureCode::Timeout, Cause::WallTime)
    );
    assert!(begin.elapsed() < Duration::from_secs(10));
}

#[tokio::test]
async fn a_document_that_computes_too_long_is_stopped_by_the_kernel() {
    let harness = Harness::with(|config| config.cpu_limit = Duration::from_secs(1));
    assert_eq!(
        refusal(&harness.run(&corpus::endless()).await),
        (FailureCode::Timeout, Cause::ProcessorTime)
    );
}

#[tokio::test]
async fn a_document_that_takes_too_much_memory_ends_alone() {
    let harness = Harness::with(|config| {
        config.memory_limit = 64 * 1024 * 1024;
        config.limits.max_decoded_bytes = u64::MAX;
    });
    let run = harness.run(&corpus::inflating_content(200 * 1024 * 1024)).await;
    assert_eq!(refusal(&run), (FailureCode::PageTooLarge, Cause::Memory));
    assert!(harness.run(&corpus::text(1)).await.outcome.is_ok());
}

#[tokio::test]
async fn an_image_file_beyond_its_limit_ends_the_child() {
    let harness = Harness::with(|config| config.image_limit = 1000);
    let run = harness.run(&corpus::text(1)).await;
    assert_eq!(refusal(&run), (FailureCode::PageTooLarge, Cause::FileSize));
}

#[tokio::test]
async fn a_damaged_page_fails_the_whole_document() {
    let run = Harness::new().run(&corpus::missing_page()).await;
    assert_eq!(refusal(&run), (FailureCode::InvalidPdf, Cause::Reported));
}

#[tokio::test]
async fn a_job_that_is_given_up_leaves_neither_a_process_nor_a_file() {
    let harness = Harness::new();
    let given_up = tokio::time::timeout(Duration::from_millis(300), harness.run(&corpus::endless())).await;
    assert!(given_up.is_err());
    assert_eq!(entries(harness.work_dir.path()), 0);
    let running = || {
        children()
            .into_iter()
            .any(|command| command.contains("korrigo-pdf-worker child"))
    };
    let deadline = Instant::now() + Duration::from_secs(10);
    while running() {
        assert!(Instant::now() < deadline, "the child outlived its job");
        tokio::task::yield_now().await;
    }
}

/// The command lines of this process's children that still run.
fn children() -> Vec<String> {
    let task = format!(
        "/proc/self/task/{}/children",
        rustix::thread::gettid().as_raw_nonzero()
    );
    let ids = std::fs::read_to_string(task).unwrap();
    let command = |id| std::fs::read_to_string(format!("/proc/{id}/cmdline")).unwrap_or_default();
    ids.split_whitespace()
        .map(|id| command(id).replace('\0', " "))
        .collect()
}
