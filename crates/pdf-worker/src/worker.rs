//! What a worker works with.

use blobs::Blobs;
use domain::WorkerId;
use tokio_util::sync::CancellationToken;

use crate::grading::Grading;
use crate::running::Running;
use crate::sandbox::Sandbox;
use crate::spool::Spool;

/// One run of this process, with everything that handling a job needs.
pub(crate) struct Worker {
    /// Who this is, in leases and in the audit trail.
    pub(crate) id: WorkerId,
    pub(crate) grading: Grading,
    pub(crate) blobs: Blobs,
    pub(crate) sandbox: Sandbox,
    /// Failures that the grading service does not know of yet.
    pub(crate) spool: Spool,
    /// The jobs that are being worked on here.
    pub(crate) running: Running,
    /// The process has been told to stop.
    pub(crate) draining: CancellationToken,
    /// Jobs that still run are to be handed back.
    pub(crate) hand_back: CancellationToken,
}
