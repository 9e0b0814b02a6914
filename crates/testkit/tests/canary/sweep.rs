//! The sweep itself.

use std::collections::BTreeSet;

use testkit::System;

use crate::driver::Driver;
use crate::planted;
use crate::scan::Scanner;
use crate::sinks;

/// Events of what this test does not break. That they hold nothing personal is closed by the types of their fields alone.
const NOT_REACHED: &[&str] = &[
    "service.start_failed",
    "service.drain_timed_out",
    "service.hard_stop",
    "service.task_panicked",
    "service.task_ended",
    "service.runtime_stalled",
    "process.panicked",
    "log.lines_dropped",
    "log.level_changed",
    "telemetry.traces_lost",
    "telemetry.traces_unavailable",
    "telemetry.metrics_unavailable",
    "rpc.completed",
    "import.exhausted",
    "split.attempt_failed",
    "split.exhausted",
    "lock.lapsed",
    "audit.checkpoint_failed",
    "audit.tree_behind",
    "audit.tampered",
    "audit.mismatch",
    "job.lease_lost",
    "job.report_late",
    "job.handed_back",
    "job.report_failed",
    "job.report_not_kept",
    "job.report_refused",
    "job.report_unreadable",
    "job.reports_unavailable",
    "job.not_reconciled",
    "outbox.publish_failed",
    "outbox.returned",
    "outbox.relay_failed",
    "broker.blocked",
    "broker.unblocked",
    "broker.topology_mismatch",
    "broker.handler_panicked",
    "broker.consumer_cancelled",
    "database.deadlock",
    "database.schema_refused",
    "child.killed",
    "child.crashed",
    "child.misbehaved",
    "child.not_run",
    "sandbox.unavailable",
    "blob.swept",
    "blob.sweep_failed",
    "blob.corrupt",
    "blob.store_full",
    "blob.store_unavailable",
];

/// Events that come or do not, as it happens.
const BY_CHANCE: &[&str] = &[
    "service.readiness_changed",
    "third_party.warning",
    "third_party.error",
    "import.attempt_failed",
    "audit.checkpoint_written",
    "audit.verified",
    "job.claim_refused",
    "job.reconciled",
    "job.report_kept",
    "job.report_replayed",
    "broker.unreachable",
    "database.contention",
    "database.restored",
    "database.transaction_failed",
    "database.listener_lost",
    "database.listener_restored",
];

#[tokio::test]
async fn no_canary_is_in_any_sink_and_one_that_is_planted_is_found() {
    let mut system = System::builder()
        .own_database()
        .own_broker()
        .traces()
        .impatient()
        .start()
        .await;
    let mut driver = Driver::of(&system).await;
    let office = driver.work(&system).await;
    driver.spoil(&system, &office).await;
    driver.suffer(&mut system, &office).await;
    driver.leave(&system, &office).await;
    system.settle().await;

    let never_asked = driver.never_asked();
    assert!(never_asked.is_empty(), "never let through: {never_asked:?}");
    let scanner = Scanner::of(&driver.canaries());
    let (mut leaks, mut searched) = (Vec::new(), 0);
    for sink in sinks::all(&system, &driver.passing).await {
        let mut found = scanner.find(&sink.content);
        found.retain(|(kind, _)| !sinks::is_allowed(&sink.name, kind));
        if !found.is_empty() {
            leaks.push(format!("{}: {found:?}", sink.name));
        }
        searched += sink.content.len();
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
    let children = driver.passing.processes.iter();
    let children = children.filter(|seen| seen.windows(6).any(|word| word == b"\0child"));
    assert!(children.count() > 0, "no child of a worker was seen");
    assert!(searched > 1_000_000, "only {searched} bytes were searched");

    let seen: BTreeSet<String> = system
        .log_lines()
        .iter()
        .filter_map(|line| Some(line["event"].as_str()?.to_owned()))
        .collect();
    let registry = telemetry::events::all().map(|event| event.code);
    let unseen: Vec<_> = registry
        .filter(|code| !seen.contains(*code) && !NOT_REACHED.contains(code) && !BY_CHANCE.contains(code))
        .collect();
    assert!(unseen.is_empty(), "never logged: {unseen:?}");

    let overlooked = planted::overlooked(&mut system, &mut driver).await;
    assert!(overlooked.is_empty(), "planted and not found: {overlooked:?}");
}
