//! The child processes that read documents.

use std::time::Duration;

use domain::{FailureCode, JobId};

use crate::causes::Causes;
use crate::code::Code;

events! {
    CHILD;

    ChildKilled = Warning "child.killed" "a child process was ended" { job_id: JobId, reason: Code, duration: Duration }
    ChildCrashed = Error "child.crashed" "a child process crashed" { job_id: JobId, reason: Code }
    ChildRefused = Info "child.refused" "a document was refused" { job_id: JobId, error: FailureCode }
    ChildMisbehaved = Error "child.misbehaved" "a child process broke the protocol" {
        job_id: JobId,
        reason: Code,
        error: Causes,
    }
    ChildNotRun = Error "child.not_run" "a child process could not be prepared, started or read" {
        job_id: JobId,
        error: Causes,
    }
    SandboxReady = Info "sandbox.ready" "the sandbox of child processes was tried" { enforcement: Code }
    ReaderUnavailable = Warning "reader.unavailable" "there is no program that reads who wrote a copy: nobody gets suggestions" {}
    SandboxUnavailable = Critical "sandbox.unavailable" "child processes cannot be confined as required" { reason: Code }
}
