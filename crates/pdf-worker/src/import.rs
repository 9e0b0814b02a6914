//! Importing a copy: its source out of the blob store, through a child, and the images back.

use std::time::Instant;

use contracts::grading as pb;
use domain::{FailureCode, IdentityZone, JobId, Rotation};
use failpoint::Point;
use telemetry::span::{Amount, Stage, stage};
use tokio::sync::mpsc;

use crate::heartbeat::Pulse;
use crate::sandbox::{ImageFile, PageFile};
use crate::worker::Worker;
use crate::{source, told};

/// The pages of the source, in order, with their images stored. All of them, or the reason why not.
pub(crate) async fn run(
    worker: &Worker,
    job: JobId,
    input: &pb::ImportInput,
    pulse: &Pulse,
) -> Result<Vec<pb::ImportedPage>, FailureCode> {
    let zone = input.identity_zone.as_ref().map(IdentityZone::try_from);
    let zone = zone.transpose().map_err(|()| FailureCode::Unknown)?;
    let directory = source::fetch(worker, job, &input.source_digest).await?;

    let (written, mut files) = mpsc::unbounded_channel();
    let rasterizing = async {
        let on_page = move |page| {
            // The receiver goes only when the whole attempt is given up.
            let _given_up = written.send(page);
        };
        let started = Instant::now();
        let outcome = worker
            .sandbox
            .import(&directory, zone, |total| pulse.set_total(total), on_page)
            .await;
        let pages = outcome.as_ref().map(|done| done.pages);
        told::child_ended(job, pages, started.elapsed());
        outcome.map_err(|error| error.code)
    };
    let rasterized = stage(Stage::Rasterize).weigh(rasterizing, |outcome| Amount {
        pages: outcome.as_ref().ok().map(|done| done.pages),
        bytes: None,
    });
    let stored = stage(Stage::Store).run(async {
        let mut pages = Vec::new();
        while let Some(file) = files.recv().await {
            pages.push(store_page(worker, job, &file).await?);
            pulse.pages_done(1);
        }
        Ok(pages)
    });
    let (done, pages) = tokio::try_join!(rasterized, stored)?;
    // Conservation: every page of the source has become exactly one page of the copy.
    if u32::try_from(pages.len()).is_ok_and(|stored| stored == done.pages) {
        Ok(pages)
    } else {
        Err(FailureCode::Unknown)
    }
}

async fn store_page(worker: &Worker, job: JobId, page: &PageFile) -> Result<pb::ImportedPage, FailureCode> {
    let store = async |image| store_image(worker, job, image).await;
    let (redacted_display, redacted_thumbnail) = match &page.redacted {
        Some((display, thumbnail)) => (Some(store(display).await?), Some(store(thumbnail).await?)),
        None => (None, None),
    };
    let identity = match &page.identity {
        Some(image) => Some(store(image).await?),
        None => None,
    };
    Ok(pb::ImportedPage {
        width: page.info.size.width,
        height: page.info.size.height,
        rotation: degrees(page.info.rotation),
        display: Some(store(&page.display).await?),
        thumbnail: Some(store(&page.thumbnail).await?),
        redacted_display,
        redacted_thumbnail,
        identity,
    })
}

fn degrees(rotation: Rotation) -> u32 {
    match rotation {
        Rotation::None => 0,
        Rotation::Quarter => 90,
        Rotation::Half => 180,
        Rotation::ThreeQuarters => 270,
    }
}

async fn store_image(worker: &Worker, job: JobId, image: &ImageFile) -> Result<pb::Image, FailureCode> {
    let bytes = image.read().await.map_err(|error| told::unusable(job, &error))?;
    let stored = worker
        .blobs
        .put(bytes)
        .await
        .map_err(|error| told::blobs(&error))?;
    failpoint::reach(Point::ResultStored);
    // Only what waits takes room, however many pages there are.
    image
        .remove()
        .await
        .map_err(|error| told::unusable(job, &error))?;
    Ok(pb::Image {
        digest: stored.digest.to_string(),
        media_type: image.format.to_string(),
    })
}
