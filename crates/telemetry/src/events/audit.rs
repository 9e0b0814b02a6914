//! The audit trail: its checkpoints, and whether it is what was written.

use std::time::Duration;

use domain::audit::Tampering;
use domain::{CopyId, TrailId, UserId};

use crate::causes::Causes;
use crate::metrics::AuditCheck;

events! {
    AUDIT;

    AuditCheckpointWritten = Info "audit.checkpoint_written" "a checkpoint of the audit trail was written" { size: u64 }
    AuditCheckpointFailed = Warning "audit.checkpoint_failed" "a checkpoint of the audit trail could not be written" {
        size: u64,
        error: Causes,
    }
    AuditTreeBehind = Critical "audit.tree_behind" "the last checkpoint is of more events than there are" {
        size: u64,
        checkpoint: u64,
    }
    AuditCheckpointsUnreadable = Warning "audit.checkpoints_unreadable" "the checkpoints of the audit trail could not be read" {
        error: Causes,
    }
    AuditExported = Info "audit.exported" "the audit trail is handed out" { events: u64, copies: u64 }
    AuditVerified = Info "audit.verified" "the audit trail was verified" {
        copies: u64,
        people: u64,
        events: u64,
        checkpoints: u64,
        duration: Duration,
    }
    AuditTampered = Critical "audit.tampered" "the audit trail is not what was written" {
        finding: Tampering,
        copy_id: Option<CopyId>,
        account_id: Option<UserId>,
        trail_id: Option<TrailId>,
        seq: Option<i64>,
    }
    AuditMismatch = Critical "audit.mismatch" "the tables do not agree with the audit trail" {
        check: AuditCheck,
        count: u64,
    }
}
