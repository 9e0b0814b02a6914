//! Putting the corrected documents of a release into one file: one after the other out of the blob store, and straight
//! back into it.
//!
//! What pupils are called is in the names of the members, and nowhere else: not in the names of files on the way, not in
//! what is logged. Only the list of the members grows with their number.

mod zip;

use std::path::Path;

use blobs::Upload;
use contracts::grading as pb;
use domain::{Digest, FailureCode, JobId};
use failpoint::Point;
use telemetry::span::{Amount, Stage, stage};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use self::zip::Zip;
use crate::heartbeat::Pulse;
use crate::worker::Worker;
use crate::{source, told};

/// How much of a document is in memory at a time.
const PIECE: u64 = 256 * 1024;

/// An archive, stored.
pub(crate) struct Archived {
    pub(crate) digest: Digest,
    pub(crate) bytes: u64,
    pub(crate) copies: u32,
}

/// The archive of these documents in their order, or the reason why not.
pub(crate) async fn run(
    worker: &Worker,
    job: JobId,
    input: &pb::ArchiveInput,
    pulse: &Pulse,
) -> Result<Archived, FailureCode> {
    pulse.set_total(u32::try_from(input.members.len()).unwrap_or(u32::MAX));
    let storing = stage(Stage::Store).weigh(pack(worker, job, input, pulse), |archived| Amount {
        pages: None,
        bytes: archived.as_ref().ok().map(|archived| archived.bytes),
    });
    storing.await
}

async fn pack(
    worker: &Worker,
    job: JobId,
    input: &pb::ArchiveInput,
    pulse: &Pulse,
) -> Result<Archived, FailureCode> {
    let directory = worker
        .sandbox
        .directory()
        .map_err(|error| source::no_room(job, error))?;
    let mut upload = worker.blobs.begin().await.map_err(|error| told::blobs(&error))?;
    let (mut zip, mut copies) = (Zip::default(), 0);
    for member in &input.members {
        let document = directory.input();
        let digest: Digest = member
            .digest
            .parse()
            .map_err(|_not_a_digest| FailureCode::Unknown)?;
        // Its digest is checked on the way: what is damaged is noticed before any of it is in the archive.
        let fetched = worker.blobs.copy_to(digest, &document).await;
        let size = fetched.map_err(|error| told::blobs(&error))?;
        let checksum = checksum(&document)
            .await
            .map_err(|error| source::no_room(job, error))?;
        let heading = zip.member(&member.name, checksum, size.bytes());
        write(&mut upload, heading).await?;
        append(&mut upload, job, &document).await?;
        // Only one document takes room at a time, however many there are.
        let removed = tokio::fs::remove_file(&document).await;
        removed.map_err(|error| source::no_room(job, error))?;
        pulse.pages_done(1);
        copies += 1;
    }
    write(&mut upload, zip.end()).await?;
    let stored = upload.finish().await.map_err(|error| told::blobs(&error))?;
    failpoint::reach(Point::ResultStored);
    Ok(Archived {
        digest: stored.digest,
        bytes: stored.size.bytes(),
        copies,
    })
}

async fn checksum(document: &Path) -> std::io::Result<u32> {
    let mut file = File::open(document).await?;
    let (mut hasher, mut piece) = (crc32fast::Hasher::new(), Vec::new());
    while next(&mut file, &mut piece).await? {
        hasher.update(&piece);
    }
    Ok(hasher.finalize())
}

async fn append(upload: &mut Upload, job: JobId, document: &Path) -> Result<(), FailureCode> {
    let unreadable = |error| source::no_room(job, error);
    let mut file = File::open(document).await.map_err(unreadable)?;
    let mut piece = Vec::new();
    while next(&mut file, &mut piece).await.map_err(unreadable)? {
        write(upload, &piece).await?;
    }
    Ok(())
}

/// Reads the next piece; whether there was one.
async fn next(file: &mut File, piece: &mut Vec<u8>) -> std::io::Result<bool> {
    piece.clear();
    Ok(file.take(PIECE).read_to_end(piece).await? > 0)
}

async fn write(upload: &mut Upload, bytes: impl AsRef<[u8]>) -> Result<(), FailureCode> {
    upload.write(bytes).await.map_err(|error| told::blobs(&error))
}
