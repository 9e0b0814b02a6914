//! Reading who wrote a copy: its image out of the blob store, through a child, and the text back.

use std::time::Instant;

use contracts::grading as pb;
use domain::{FailureCode, JobId, Reading};
use telemetry::span::{Stage, stage};

use crate::heartbeat::Pulse;
use crate::worker::Worker;
use crate::{source, told};

/// What is written in the image, or the reason why that is not known.
pub(crate) async fn run(
    worker: &Worker,
    job: JobId,
    input: &pb::ReadInput,
    pulse: &Pulse,
) -> Result<Reading, FailureCode> {
    pulse.set_total(1);
    let directory = source::fetch(worker, job, &input.image_digest).await?;
    let started = Instant::now();
    let read = stage(Stage::Read).run(worker.sandbox.read(&directory)).await;
    // No page is made of it.
    told::child_ended(job, read.as_ref().map(|_text| 0), started.elapsed());
    let text = read.map_err(|error| error.code)?;
    pulse.pages_done(1);
    Ok(text.reading)
}
