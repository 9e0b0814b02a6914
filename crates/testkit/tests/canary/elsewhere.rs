//! Events that the sweep does not provoke for sure, each with the file of a test that does. What their lines hold is closed
//! by the types of their fields.

use std::fs;
use std::path::Path;

/// What the sweep may miss: events of processes that panic or stand still, of disks that are full, of answers that come too
/// late. Some of them come here too, as it happens.
const ELSEWHERE: &[(&str, &str)] = &[
    ("process.panicked", "crates/service/tests/process.rs"),
    ("service.task_panicked", "crates/service/tests/process.rs"),
    ("service.task_ended", "crates/service/tests/process.rs"),
    ("service.drain_timed_out", "crates/service/tests/process.rs"),
    ("service.readiness_changed", "crates/service/tests/process.rs"),
    ("service.runtime_stalled", "crates/service/src/health.rs"),
    ("log.level_changed", "crates/service/tests/process.rs"),
    ("log.lines_dropped", "crates/telemetry/tests/full_disk.rs"),
    ("third_party.warning", "crates/telemetry/tests/log_lines.rs"),
    ("third_party.error", "crates/telemetry/tests/log_lines.rs"),
    (
        "telemetry.traces_lost",
        "crates/telemetry/tests/dead_collector.rs",
    ),
    ("telemetry.traces_unavailable", "crates/telemetry/tests/taken.rs"),
    ("telemetry.metrics_unavailable", "crates/telemetry/tests/taken.rs"),
    ("database.contention", "crates/store/tests/told.rs"),
    ("database.deadlock", "crates/store/tests/told.rs"),
    ("database.transaction_failed", "crates/store/tests/told.rs"),
    ("database.restored", "crates/store/tests/told.rs"),
    ("database.listener_lost", "crates/store/tests/told.rs"),
    ("database.listener_restored", "crates/store/tests/told.rs"),
    ("broker.unreachable", "crates/broker/tests/broker/faults.rs"),
    (
        "broker.topology_mismatch",
        "crates/broker/tests/broker/topology.rs",
    ),
    (
        "broker.handler_panicked",
        "crates/broker/tests/broker/consuming.rs",
    ),
    ("outbox.publish_failed", "crates/grading/tests/rpc/relaying.rs"),
    ("outbox.relay_failed", "crates/grading/tests/rpc/outage.rs"),
    ("audit.tree_behind", "crates/grading/tests/rpc/checkpoints.rs"),
    (
        "audit.checkpoints_unreadable",
        "crates/grading/tests/rpc/checkpoints.rs",
    ),
    ("job.claim_refused", "crates/grading/tests/rpc/claims.rs"),
    ("job.reconciled", "crates/grading/tests/rpc/leases.rs"),
    ("job.not_reconciled", "crates/grading/tests/rpc/leases.rs"),
    ("split.attempt_failed", "crates/grading/tests/rpc/failures.rs"),
    ("split.exhausted", "crates/grading/tests/rpc/failures.rs"),
    ("reading.failed", "crates/grading/tests/rpc/failures.rs"),
    (
        "archive.attempt_failed",
        "crates/testkit/tests/correcting/archiving.rs",
    ),
    ("archive.failed", "crates/testkit/tests/correcting/archiving.rs"),
    ("job.report_failed", "crates/pdf-worker/tests/reports/answers.rs"),
    ("job.report_kept", "crates/pdf-worker/tests/reports/spooled.rs"),
    (
        "job.report_not_kept",
        "crates/pdf-worker/tests/reports/spooled.rs",
    ),
    (
        "job.report_replayed",
        "crates/pdf-worker/tests/reports/spooled.rs",
    ),
    ("job.report_refused", "crates/pdf-worker/tests/reports/spooled.rs"),
    (
        "job.report_unreadable",
        "crates/pdf-worker/tests/reports/spooled.rs",
    ),
    (
        "job.reports_unavailable",
        "crates/pdf-worker/tests/reports/spooled.rs",
    ),
    ("child.killed", "crates/pdf-worker/src/told.rs"),
    ("child.misbehaved", "crates/pdf-worker/src/told.rs"),
    ("child.not_run", "crates/pdf-worker/src/told.rs"),
    ("blob.store_full", "crates/pdf-worker/src/told.rs"),
    ("sandbox.unavailable", "crates/pdf-worker/src/told.rs"),
    (
        "reader.unavailable",
        "crates/testkit/tests/identifying/suggestions.rs",
    ),
    ("tls.failed", "crates/testkit/tests/certificates.rs"),
    ("tls.refused", "crates/testkit/tests/certificates.rs"),
];

/// Whether a test elsewhere provokes the event.
pub(crate) fn is_provoked(code: &str) -> bool {
    ELSEWHERE.iter().any(|(known, _)| *known == code)
}

#[test]
fn each_event_that_the_sweep_may_miss_is_one_and_named_by_the_test_that_provokes_it() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    for (code, file) in ELSEWHERE {
        assert!(
            telemetry::events::all().any(|event| event.code == *code),
            "{code} is no event"
        );
        let test = fs::read_to_string(root.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let has_tests = ["#[test]", "#[tokio::test"]
            .iter()
            .any(|mark| test.contains(mark));
        assert!(
            has_tests && test.contains(&format!("\"{code}\"")),
            "{file} has no test of {code}"
        );
    }
}
