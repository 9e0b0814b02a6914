//! What a failure of the blob store means for a caller, and its report to those who run the system.

use blobs::Error;
use bytes::Bytes;
use contracts::Code;
use domain::CopyId;
use futures::{Stream, TryStreamExt as _};
use telemetry::Causes;
use telemetry::events::{BlobCorrupt, BlobMissing, BlobStoreFull, BlobStoreUnavailable};

/// Reports the failure, and says what the caller is told. A copy is named where the blob is part of one.
pub(crate) fn report(error: &Error, copy_id: Option<CopyId>) -> Code {
    match error {
        Error::NotFound(_) => {
            telemetry::log(BlobMissing { copy_id });
            Code::Internal
        }
        Error::Corrupt(_) => {
            telemetry::log(BlobCorrupt { copy_id });
            Code::Internal
        }
        Error::Full(_) => {
            telemetry::log(BlobStoreFull {});
            Code::Unavailable
        }
        Error::Empty => Code::EmptyFile,
        Error::Open(_)
        | Error::Read(_)
        | Error::Write(_)
        | Error::File(_)
        | Error::List(_)
        | Error::Delete(_)
        | Error::References(_)
        | Error::Interrupted => {
            telemetry::log(BlobStoreUnavailable {
                error: Causes::of(error),
            });
            Code::Unavailable
        }
    }
}

/// The pieces of a blob; one that turns out to be damaged at its end breaks the answer off, and is reported.
pub(crate) fn reporting(
    pieces: impl Stream<Item = blobs::Result<Bytes>>,
    copy: Option<CopyId>,
) -> impl Stream<Item = blobs::Result<Bytes>> {
    pieces.inspect_err(move |error| {
        report(error, copy);
    })
}
