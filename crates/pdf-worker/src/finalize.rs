//! Finalizing a copy: its sources and what correctors gave it through a child, and the corrected documents back.

use std::time::Instant;

use contracts::grading as pb;
use domain::{FailureCode, JobId};
use prost::Message as _;
use telemetry::span::{Amount, Stage, stage};

use crate::heartbeat::Pulse;
use crate::sandbox::{CorrectedFiles, DocumentFile};
use crate::worker::Worker;
use crate::{document, originals, source, told};

/// The corrected document, and the one that does not show who wrote the copy.
pub(crate) struct Finalized {
    pub(crate) document: pb::Document,
    pub(crate) anonymous: Option<pb::Document>,
}

/// The documents, stored. All of them, or the reason why not.
pub(crate) async fn run(
    worker: &Worker,
    job: JobId,
    input: &pb::FinalizeInput,
    pulse: &Pulse,
) -> Result<Finalized, FailureCode> {
    let sources = originals::of(input);
    let digests: Vec<&str> = sources.iter().map(|source| source.digest.as_str()).collect();
    let directory = source::fetch_all(worker, job, &digests).await?;
    tokio::fs::write(directory.correction(), input.encode_to_vec())
        .await
        .map_err(|error| source::no_room(job, error))?;

    let started = Instant::now();
    let flattened = worker
        .sandbox
        .finalize(&directory, |total| pulse.set_total(total));
    let flattened = stage(Stage::Flatten).weigh(flattened, |outcome| Amount {
        pages: outcome.as_ref().ok().map(pages_of),
        bytes: None,
    });
    let outcome = flattened.await;
    let pages = outcome.as_ref().map(pages_of);
    told::child_ended(job, pages, started.elapsed());
    let files = outcome.map_err(|error| error.code)?;
    // Whoever asked for a document without the pupil's name must not get none.
    if files.anonymous.is_some() != input.identity_zone.is_some() {
        return Err(FailureCode::Unknown);
    }
    let storing = async {
        let document = store(worker, job, &files.document).await?;
        let anonymous = match &files.anonymous {
            Some(file) => Some(store(worker, job, file).await?),
            None => None,
        };
        Ok(Finalized { document, anonymous })
    };
    let stored = stage(Stage::Store).weigh(storing, |stored| Amount {
        pages: None,
        bytes: stored.as_ref().ok().map(bytes_of),
    });
    stored.await
}

fn bytes_of(finalized: &Finalized) -> u64 {
    let anonymous = finalized.anonymous.as_ref().map_or(0, |document| document.bytes);
    finalized.document.bytes.saturating_add(anonymous)
}

fn pages_of(files: &CorrectedFiles) -> u32 {
    let anonymous = files.anonymous.as_ref().map_or(0, |file| file.pages);
    files.document.pages.saturating_add(anonymous)
}

async fn store(worker: &Worker, job: JobId, file: &DocumentFile) -> Result<pb::Document, FailureCode> {
    let stored = document::store(worker, job, file).await?;
    Ok(pb::Document {
        digest: stored.digest.to_string(),
        bytes: stored.size.bytes(),
        pages: file.pages,
    })
}
