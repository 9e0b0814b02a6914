//! The audit trail.

use super::labels::{AuditCheck, AuditSink, texts};
use super::metric::{Kind, Label, Metric, Values, number};
use crate::clock;
use crate::name::ServiceName::Grading;

const SINK_FAILURES: Metric = Metric {
    name: "grading_audit_sink_failures_total",
    kind: Kind::Counter,
    help: "Copies of the audit record that could not be written; the record itself is in the database.",
    labels: &[Label {
        name: "sink",
        values: Values::Closed(|| texts(AuditSink::ALL)),
    }],
    services: &[Grading],
};

const LAST_VERIFIED: Metric = Metric {
    name: "grading_audit_last_verified_timestamp_seconds",
    kind: Kind::Gauge,
    help: "When the whole audit trail was last verified, with its checkpoints, whatever was found; 0 before the first time.",
    labels: &[],
    services: &[Grading],
};

const VERIFY_FAILURES: Metric = Metric {
    name: "grading_audit_verify_failures",
    kind: Kind::Gauge,
    help: "1 if the audit trail was not what was written when it was last verified, else 0.",
    labels: &[],
    services: &[Grading],
};

const MISMATCHES: Metric = Metric {
    name: "grading_audit_reconcile_mismatches",
    kind: Kind::Gauge,
    help: "How much did not agree with the audit trail when it was last compared, by check.",
    labels: &[Label {
        name: "check",
        values: Values::Closed(|| texts(AuditCheck::ALL)),
    }],
    services: &[Grading],
};

pub(super) const FAMILY: &[&Metric] = &[&SINK_FAILURES, &LAST_VERIFIED, &VERIFY_FAILURES, &MISMATCHES];

/// So many copies of the record could not be written.
pub fn audit_sink_failed(sink: AuditSink, count: u64) {
    SINK_FAILURES.add(&[sink.as_str()], count);
}

/// The whole trail was verified.
pub fn audit_verified(intact: bool) {
    VERIFY_FAILURES.set(&[], if intact { 0.0 } else { 1.0 });
    LAST_VERIFIED.set(&[], clock::unix_seconds());
}

/// So much does not agree with the trail.
pub fn audit_mismatches(check: AuditCheck, count: u64) {
    MISMATCHES.set(&[check.as_str()], number(count));
}
