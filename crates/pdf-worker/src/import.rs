//! Importing a copy: its source out of the blob store, through a child, and the images back.

use std::time::{Duration, Instant};

use contracts::grading as pb;
use domain::{Digest, FailureCode, JobId, Rotation};
use telemetry::events::{
    BlobCorrupt, BlobMissing, BlobStoreFull, BlobStoreUnavailable, ChildCrashed, ChildKilled,
    ChildMisbehaved, ChildRefused,
};
use telemetry::metrics::{self, ChildEnd};
use telemetry::span::{Stage, stage};
use telemetry::{Causes, Code};
use tokio::sync::mpsc;

use crate::heartbeat::Pulse;
use crate::sandbox::{Cause, ChildError, Done, ImageFile, JobDirectory, PageFile};
use crate::worker::Worker;

/// The pages of the source, in order, with their images stored. All of them, or the reason why not.
pub(crate) async fn run(
    worker: &Worker,
    job: JobId,
    input: &pb::ImportInput,
    pulse: &Pulse,
) -> Result<Vec<pb::ImportedPage>, FailureCode> {
    let directory = worker
        .sandbox
        .directory()
        .map_err(|_no_work_dir| FailureCode::Unknown)?;
    let source: Digest = input
        .source_digest
        .parse()
        .map_err(|_not_a_digest| FailureCode::Unknown)?;
    let document = directory.input();
    let fetched = worker.blobs.copy_to(source, &document);
    stage(Stage::Fetch)
        .run(fetched)
        .await
        .map_err(|error| of_blobs(&error))?;

    let (written, mut files) = mpsc::unbounded_channel();
    let rasterized = stage(Stage::Rasterize).run(rasterize(worker, job, &directory, pulse, written));
    let stored = stage(Stage::Store).run(async {
        let mut pages = Vec::new();
        while let Some(file) = files.recv().await {
            pages.push(store_page(worker, &file).await?);
            pulse.page_done();
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

async fn rasterize(
    worker: &Worker,
    job: JobId,
    directory: &JobDirectory,
    pulse: &Pulse,
    written: mpsc::UnboundedSender<PageFile>,
) -> Result<Done, FailureCode> {
    let on_page = move |page| {
        // The receiver goes only when the whole attempt is given up.
        let _given_up = written.send(page);
    };
    let started = Instant::now();
    let outcome = worker
        .sandbox
        .run(directory, |total| pulse.set_total(total), on_page)
        .await;
    tell(job, &outcome, started.elapsed());
    outcome.map_err(|error| error.code)
}

/// What happened to the child, in the log and in the metrics.
fn tell(job_id: JobId, outcome: &Result<Done, ChildError>, duration: Duration) {
    let error = match outcome {
        Ok(done) => {
            metrics::child_ended(ChildEnd::Done);
            metrics::pages_made(done.pages);
            return;
        }
        Err(error) => error,
    };
    let reason = Code::of(error.cause);
    metrics::child_ended(match error.cause {
        Cause::Reported => ChildEnd::Refused,
        Cause::WallTime | Cause::ProcessorTime => ChildEnd::TimedOut,
        Cause::Memory | Cause::FileSize => ChildEnd::OutOfMemory,
        Cause::Panicked | Cause::Stack | Cause::Forbidden | Cause::Signal | Cause::Silence => {
            ChildEnd::Crashed
        }
        Cause::Protocol | Cause::Parent => ChildEnd::Misbehaved,
    });
    match error.cause {
        Cause::Reported => telemetry::log(ChildRefused {
            job_id,
            error: error.code,
        }),
        Cause::WallTime | Cause::ProcessorTime | Cause::Memory | Cause::FileSize => {
            telemetry::log(ChildKilled {
                job_id,
                reason,
                duration,
            });
        }
        Cause::Panicked | Cause::Stack | Cause::Forbidden | Cause::Signal | Cause::Silence => {
            telemetry::log(ChildCrashed { job_id, reason });
        }
        Cause::Protocol | Cause::Parent => telemetry::log(ChildMisbehaved { job_id, reason }),
    }
}

async fn store_page(worker: &Worker, page: &PageFile) -> Result<pb::ImportedPage, FailureCode> {
    Ok(pb::ImportedPage {
        width: page.info.size.width,
        height: page.info.size.height,
        rotation: degrees(page.info.rotation),
        display: Some(store_image(worker, &page.display).await?),
        thumbnail: Some(store_image(worker, &page.thumbnail).await?),
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

async fn store_image(worker: &Worker, image: &ImageFile) -> Result<pb::Image, FailureCode> {
    let bytes = image.read().await.map_err(|error| error.code)?;
    let stored = worker.blobs.put(bytes).await.map_err(|error| of_blobs(&error))?;
    Ok(pb::Image {
        digest: stored.digest.to_string(),
        media_type: image.format.to_string(),
    })
}

/// Trouble with the blob store is ours, not the document's: the attempt fails and may be repeated.
fn of_blobs(error: &blobs::Error) -> FailureCode {
    match error {
        blobs::Error::NotFound(_) => telemetry::log(BlobMissing { copy_id: None }),
        blobs::Error::Corrupt(_) => telemetry::log(BlobCorrupt { copy_id: None }),
        blobs::Error::Full(_) => telemetry::log(BlobStoreFull {}),
        blobs::Error::Empty
        | blobs::Error::Open(_)
        | blobs::Error::Read(_)
        | blobs::Error::Write(_)
        | blobs::Error::File(_)
        | blobs::Error::List(_)
        | blobs::Error::Delete(_)
        | blobs::Error::References(_)
        | blobs::Error::Interrupted => telemetry::log(BlobStoreUnavailable {
            error: Causes::of(error),
        }),
    }
    FailureCode::Unknown
}
