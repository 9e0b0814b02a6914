//! What happened to children and to blobs, in the log and in the metrics.

use std::time::Duration;

use domain::{FailureCode, JobId};
use telemetry::events::{
    BlobCorrupt, BlobMissing, BlobStoreFull, BlobStoreUnavailable, ChildCrashed, ChildKilled,
    ChildMisbehaved, ChildNotRun, ChildRefused,
};
use telemetry::metrics::{self, ChildEnd};
use telemetry::{Causes, Code};

use crate::sandbox::{Cause, ChildError};

/// A child has ended after it made so many pages, or without a result.
pub(crate) fn child_ended(job: JobId, outcome: Result<u32, &ChildError>, duration: Duration) {
    match outcome {
        Ok(pages) => {
            metrics::child_ended(ChildEnd::Done);
            metrics::pages_made(pages);
        }
        Err(error) => {
            metrics::child_ended(end(error.cause));
            log(job, error, duration);
        }
    }
}

/// What a child left cannot be used. Its end was told already; this is the code of the job.
pub(crate) fn unusable(job: JobId, error: &ChildError) -> FailureCode {
    log(job, error, Duration::ZERO);
    error.code
}

/// Trouble with the blob store is ours, not the document's: the attempt fails and may be repeated.
pub(crate) fn blobs(error: &blobs::Error) -> FailureCode {
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

fn end(cause: Cause) -> ChildEnd {
    match cause {
        Cause::Reported => ChildEnd::Refused,
        Cause::WallTime | Cause::ProcessorTime => ChildEnd::TimedOut,
        Cause::Memory | Cause::FileSize | Cause::DiskSpace => ChildEnd::OutOfMemory,
        Cause::Panicked | Cause::Stack | Cause::Forbidden | Cause::Signal | Cause::Silence => {
            ChildEnd::Crashed
        }
        Cause::Protocol => ChildEnd::Misbehaved,
        Cause::NoReader | Cause::Parent => ChildEnd::NotRun,
    }
}

fn log(job_id: JobId, error: &ChildError, duration: Duration) {
    let reason = Code::of(error.cause);
    match error.cause {
        Cause::Reported => telemetry::log(ChildRefused {
            job_id,
            error: error.code,
        }),
        Cause::WallTime | Cause::ProcessorTime | Cause::Memory | Cause::FileSize | Cause::DiskSpace => {
            telemetry::log(ChildKilled {
                job_id,
                reason,
                duration,
            });
        }
        Cause::Panicked | Cause::Stack | Cause::Forbidden | Cause::Signal | Cause::Silence => {
            telemetry::log(ChildCrashed { job_id, reason });
        }
        // The job says so, and the worker when it starts.
        Cause::NoReader => {}
        Cause::Protocol => telemetry::log(ChildMisbehaved {
            job_id,
            reason,
            error: Causes::of(error),
        }),
        Cause::Parent => telemetry::log(ChildNotRun {
            job_id,
            error: Causes::of(error),
        }),
    }
}
