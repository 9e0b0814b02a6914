//! The sources of a copy, out of the blob store into the directory of a job.

use std::io;

use domain::{Digest, FailureCode, JobId};
use telemetry::span::{Amount, Stage, stage};

use crate::sandbox::{ChildError, JobDirectory};
use crate::told;
use crate::worker::Worker;

/// A directory for a job, with the source in it.
pub(crate) async fn fetch(worker: &Worker, job: JobId, digest: &str) -> Result<JobDirectory, FailureCode> {
    fetch_all(worker, job, &[digest]).await
}

/// A directory for a job, with the sources in it.
pub(crate) async fn fetch_all(
    worker: &Worker,
    job: JobId,
    digests: &[&str],
) -> Result<JobDirectory, FailureCode> {
    let directory = worker.sandbox.directory().map_err(|error| no_room(job, error))?;
    for (index, digest) in digests.iter().enumerate() {
        let source: Digest = digest.parse().map_err(|_not_a_digest| FailureCode::Unknown)?;
        let document = directory.source(index);
        let fetched = worker.blobs.copy_to(source, &document);
        stage(Stage::Fetch)
            .weigh(fetched, |fetched| Amount {
                bytes: fetched.as_ref().ok().map(|size| size.bytes()),
                pages: None,
            })
            .await
            .map_err(|error| told::blobs(&error))?;
    }
    Ok(directory)
}

/// The directory of a job could not be made or written.
pub(crate) fn no_room(job: JobId, error: io::Error) -> FailureCode {
    told::unusable(job, &ChildError::parent(error))
}
