//! A document that a child made, on its way into the blob store.

use blobs::Stored;
use domain::{FailureCode, JobId};
use failpoint::Point;

use crate::sandbox::DocumentFile;
use crate::told;
use crate::worker::Worker;

/// Stores a document piece by piece: it may be larger than this process.
pub(crate) async fn store(worker: &Worker, job: JobId, file: &DocumentFile) -> Result<Stored, FailureCode> {
    let mut pieces = file.open().await.map_err(|error| told::unusable(job, &error))?;
    let mut upload = worker.blobs.begin().await.map_err(|error| told::blobs(&error))?;
    loop {
        let piece = pieces.next().await.map_err(|error| told::unusable(job, &error))?;
        if piece.is_empty() {
            break;
        }
        upload.write(piece).await.map_err(|error| told::blobs(&error))?;
    }
    let stored = upload.finish().await.map_err(|error| told::blobs(&error))?;
    failpoint::reach(Point::ResultStored);
    Ok(stored)
}
