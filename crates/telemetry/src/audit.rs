//! The audit log: a copy, for reading, of what the audit trail in the database recorded.
//!
//! The record is the row. These lines are derived from it after the commit; losing one loses no evidence,
//! so writing them never waits.

use domain::audit::{Action, Actor, Subject};

use crate::log;

/// A line of the audit log.
#[derive(Debug, Clone, Copy)]
pub struct AuditLine {
    /// What happened.
    pub action: Action,
    /// To whom.
    pub subject: Subject,
    /// Position in their trail.
    pub seq: i64,
    /// By whom.
    pub actor: Actor,
}

/// Writes a line to the audit log. Call it after the commit.
pub fn audit(line: AuditLine) {
    log::write_audit(line);
}
