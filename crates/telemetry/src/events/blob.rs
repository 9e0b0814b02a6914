//! Blobs: swept, missing, broken.

use domain::CopyId;

use crate::causes::Causes;

events! {
    BLOB;

    BlobsSwept = Info "blob.swept" "unreferenced blobs were removed" {
        examined: u64,
        deleted: u64,
        bytes: u64,
        dry_run: bool,
    }
    BlobSweepFailed = Error "blob.sweep_failed" "unreferenced blobs could not be removed" { error: Causes }
    BlobMissing = Critical "blob.missing" "a referenced blob is not there" { copy_id: Option<CopyId> }
    BlobCorrupt = Critical "blob.corrupt" "a blob does not have the content that its name says" { copy_id: Option<CopyId> }
    BlobStoreFull = Critical "blob.store_full" "there is no room for blobs" {}
    BlobStoreUnavailable = Error "blob.store_unavailable" "blobs cannot be read or written" { error: Causes }
    UploadAbandoned = Info "upload.abandoned" "a client went away in the middle of an upload" { bytes: u64 }
}
