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

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::{Path, PathBuf};

    use blobs::Blobs;
    use domain::Ids;
    use seccompiler::{BpfProgram, SeccompAction, SeccompFilter, TargetArch};
    use testkit::{Logged, stand_in};

    use super::*;
    use crate::enforcement;
    use crate::sandbox::{Sandbox, SandboxConfig};

    const LONG: Duration = Duration::from_mins(1);
    const NOWHERE: &str = "/nowhere/to/be/found";

    /// A sandbox whose children are this program.
    fn sandbox(program: PathBuf, work_dir: &Path, wall_limit: Duration) -> Sandbox {
        let config = SandboxConfig {
            program,
            work_dir: work_dir.to_owned(),
            memory_limit: 256 * 1024 * 1024,
            cpu_limit: Duration::from_secs(20),
            wall_limit,
            reader: PathBuf::new(),
            reading_limit: Duration::from_secs(20),
            image_limit: 1024 * 1024,
            document_limit: 1024 * 1024,
            disk_limit: 256 * 1024 * 1024,
            limits: pdf::Limits::default(),
            rendering: pdf::Rendering::default(),
        };
        Sandbox::new(config).unwrap()
    }

    /// Has a child that is this program end on a document, and says for which job that is told.
    async fn ended(program: PathBuf, within: Duration) -> String {
        let work_dir = tempfile::tempdir().unwrap();
        let sandbox = sandbox(program, work_dir.path(), within);
        let directory = sandbox.directory().unwrap();
        fs::write(directory.input(), "a document").unwrap();
        let outcome = sandbox.import(&directory, None, |_total| {}, |_page| {}).await;
        let (job, duration) = (Ids::time_ordered().next(), Duration::from_millis(1_500));
        child_ended(job, outcome.as_ref().map(|done| done.pages), duration);
        job.to_string()
    }

    /// The same with a shell script.
    async fn played(script: &str, within: Duration) -> String {
        let directory = tempfile::tempdir().unwrap();
        stand_in(directory.path(), "impostor", script);
        ended(directory.path().join("impostor"), within).await
    }

    #[tokio::test]
    async fn what_becomes_of_a_child_is_told_by_the_job_and_the_cause() {
        let logged = Logged::here();
        let job = played("exec sleep 60", Duration::from_millis(100)).await;
        let said = [
            ("job_id", job.as_str()),
            ("reason", "wall_time"),
            ("duration_ms", "1500.0"),
        ];
        logged.wait_for("child.killed", &said).await;
        let job = played("echo hello", LONG).await;
        let said = [
            ("job_id", job.as_str()),
            ("reason", "protocol"),
            ("error", "pdf_worker::ChildError::ChildError"),
        ];
        logged.wait_for("child.misbehaved", &said).await;
        let job = ended(NOWHERE.into(), LONG).await;
        let error = "pdf_worker::ChildError::ChildError: io::NotFound";
        let said = [("job_id", job.as_str()), ("error", error)];
        logged.wait_for("child.not_run", &said).await;
    }

    #[tokio::test]
    async fn a_sandbox_that_cannot_be_tried_is_told_of() {
        let logged = Logged::here();
        let work_dir = tempfile::tempdir().unwrap();
        enforcement::tell(&sandbox(NOWHERE.into(), work_dir.path(), LONG)).await;
        logged
            .wait_for("sandbox.unavailable", &[("reason", "parent")])
            .await;
    }

    /// From here on this thread, and those that it starts, find no room on any disk.
    fn fill_every_disk() {
        let no_room = u32::try_from(libc::ENOSPC).unwrap();
        let calls = [libc::SYS_fsync, libc::SYS_fdatasync].map(|call| (call, Vec::new()));
        let machine = TargetArch::try_from(std::env::consts::ARCH).unwrap();
        let filter = SeccompFilter::new(
            calls.into(),
            SeccompAction::Allow,
            SeccompAction::Errno(no_room),
            machine,
        );
        let program = BpfProgram::try_from(filter.unwrap()).unwrap();
        seccompiler::apply_filter(&program).unwrap();
    }

    #[test]
    fn a_disk_without_room_for_a_blob_is_told_of() {
        let logged = Logged::here();
        let directory = tempfile::tempdir().unwrap();
        let place = blobs::Config::directory(directory.path());
        // On a thread that ends: nothing takes the filter off again.
        let writing = std::thread::spawn(move || {
            fill_every_disk();
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.unwrap().block_on(async {
                let stored = Blobs::open(&place).unwrap().put("a page").await;
                assert_eq!(blobs(&stored.unwrap_err()), FailureCode::Unknown);
                logged.wait_for("blob.store_full", &[]).await;
            });
        });
        writing.join().unwrap();
    }
}
