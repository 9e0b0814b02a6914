//! Taking a scan of many copies apart: out of the blob store, through a child, and the booklets back.

use std::time::Instant;

use contracts::grading as pb;
use domain::batch::{Part, Splitting};
use domain::{FailureCode, JobId, PageCount};
use telemetry::span::{Amount, Stage, stage};
use tokio::sync::mpsc;

use crate::heartbeat::Pulse;
use crate::sandbox::{BookletFile, TakenApart};
use crate::worker::Worker;
use crate::{document, source, told};

/// What a scan was taken apart into, stored.
pub(crate) struct Apart {
    pub(crate) pages: u32,
    pub(crate) booklets: Vec<pb::Booklet>,
    pub(crate) anomalies: Vec<pb::Anomaly>,
}

/// All booklets in the order of the scan, or the reason why not.
pub(crate) async fn run(
    worker: &Worker,
    job: JobId,
    input: &pb::SplitInput,
    pulse: &Pulse,
) -> Result<Apart, FailureCode> {
    let splitting = splitting(input).ok_or(FailureCode::Unknown)?;
    let directory = source::fetch(worker, job, &input.source_digest).await?;

    let (written, mut files) = mpsc::unbounded_channel();
    let splitting = async {
        let on_booklet = move |booklet| {
            // The receiver goes only when the whole attempt is given up.
            let _given_up = written.send(booklet);
        };
        let started = Instant::now();
        let outcome = worker
            .sandbox
            .split(&directory, splitting, |total| pulse.set_total(total), on_booklet)
            .await;
        let pages = outcome.as_ref().map(|done| done.pages);
        told::child_ended(job, pages, started.elapsed());
        outcome.map_err(|error| error.code)
    };
    let split = stage(Stage::Split).weigh(splitting, |outcome| Amount {
        pages: outcome.as_ref().ok().map(|done| done.pages),
        bytes: None,
    });
    let stored = stage(Stage::Store).run(async {
        let (mut booklets, mut taken) = (Vec::new(), 0_u64);
        while let Some(file) = files.recv().await {
            let booklet = store(worker, job, &file).await?;
            // What all pages share is in every booklet: a small scan can become a large heap.
            taken = taken.saturating_add(booklet.bytes);
            if taken > worker.sandbox.disk_limit() {
                return Err(FailureCode::PageTooLarge);
            }
            booklets.push(booklet);
            pulse.pages_done(pages_begun(&file));
        }
        Ok(booklets)
    });
    let (TakenApart { pages, anomalies, .. }, booklets) = tokio::try_join!(split, stored)?;
    Ok(Apart {
        pages,
        booklets,
        anomalies: anomalies.into_iter().map(Into::into).collect(),
    })
}

fn splitting(input: &pb::SplitInput) -> Option<Splitting> {
    let pages_per_copy = PageCount::new(usize::try_from(input.pages_per_copy).ok()?)?;
    Splitting::new(pages_per_copy, input.layout.parse().ok()?)
}

/// How many pages of the scan are in a booklet; one that is cut counts with its left half.
fn pages_begun(file: &BookletFile) -> u32 {
    let begun = file.pieces.iter().filter(|piece| piece.part != Part::Right);
    u32::try_from(begun.count()).unwrap_or(u32::MAX)
}

async fn store(worker: &Worker, job: JobId, file: &BookletFile) -> Result<pb::Booklet, FailureCode> {
    let stored = document::store(worker, job, &file.document).await?;
    // Only what waits takes room, however many booklets there are.
    file.document
        .remove()
        .await
        .map_err(|error| told::unusable(job, &error))?;
    Ok(pb::Booklet {
        digest: stored.digest.to_string(),
        bytes: stored.size.bytes(),
        pieces: file.pieces.iter().copied().map(Into::into).collect(),
    })
}
