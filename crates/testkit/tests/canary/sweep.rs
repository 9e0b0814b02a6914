//! The sweep itself.

use std::collections::BTreeSet;

use testkit::{System, evidence};

use crate::driver::Driver;
use crate::planted;
use crate::scan::Scanner;
use crate::sinks;

/// Events of what this test does not break, each with the reason, or with the test that does. That they hold nothing
/// personal is closed by the types of their fields.
const NOT_REACHED: &[(&str, &str)] = &[
    (
        "process.panicked",
        "crates/service/tests/process.rs: a task panics with a secret",
    ),
    (
        "service.task_panicked",
        "crates/service/tests/process.rs: the same",
    ),
    (
        "service.task_ended",
        "no task of a service ends early unless it is made to; its field is a constant",
    ),
    (
        "service.drain_timed_out",
        "crates/service/tests/process.rs; its fields are numbers",
    ),
    (
        "service.runtime_stalled",
        "a machine that stands still; its field is a number",
    ),
    (
        "log.lines_dropped",
        "crates/telemetry/tests/full_disk.rs; its field is a number",
    ),
    (
        "telemetry.traces_lost",
        "the collector of this test does not go away; it has no field",
    ),
    (
        "telemetry.traces_unavailable",
        "only where two subscribers are installed; it has no field",
    ),
    (
        "telemetry.metrics_unavailable",
        "only where two recorders are installed; it has no field",
    ),
    (
        "audit.tree_behind",
        "a database that was put back beside newer checkpoints; its fields are numbers",
    ),
    (
        "split.attempt_failed",
        "a scan is taken apart before its process can be caught; its fields are those of an import",
    ),
    ("split.exhausted", "the same"),
    (
        "reading.failed",
        "crates/testkit/tests/identifying/suggestions.rs; its fields are those of an import",
    ),
    ("reader.unavailable", "the same; it has no field"),
    (
        "archive.attempt_failed",
        "crates/testkit/tests/correcting/archiving.rs: a document is missing; its fields are those of an import",
    ),
    ("archive.failed", "the same"),
    (
        "job.report_failed",
        "grading is away longer than a worker tries; its error is a code",
    ),
    (
        "job.not_reconciled",
        "the database goes away between two statements; its error is a code",
    ),
    (
        "outbox.publish_failed",
        "the broker goes away between two messages; its error is a code",
    ),
    (
        "outbox.relay_failed",
        "the database goes away between two statements; its error is a code",
    ),
    (
        "broker.blocked",
        "the broker is short of memory; its field is a code",
    ),
    ("broker.unblocked", "the same"),
    (
        "broker.topology_mismatch",
        "crates/broker/tests/broker/topology.rs; its fields are codes",
    ),
    (
        "broker.handler_panicked",
        "crates/broker/tests/broker/consuming.rs; it has no field",
    ),
    (
        "database.deadlock",
        "no two use cases take rows in different order; its field is a constant",
    ),
    (
        "child.killed",
        "crates/pdf-worker/tests/sandbox: documents that take too long or too much",
    ),
    (
        "child.misbehaved",
        "crates/pdf-worker/tests/sandbox/impostors.rs: answers that are not ours",
    ),
    (
        "child.not_run",
        "a machine without room for another process; its error is a code",
    ),
    (
        "sandbox.unavailable",
        "a kernel without what confines; its field is a code",
    ),
    ("blob.store_full", "a full disk; it has no field"),
    (
        "log.level_changed",
        "crates/telemetry and crates/service: the admin listener changes the level; its field is a closed name",
    ),
    (
        "job.report_not_kept",
        "a full disk under the reports; its error is a code",
    ),
    (
        "job.report_refused",
        "grading refuses a report for good; its error is a code",
    ),
    (
        "job.report_unreadable",
        "crates/pdf-worker/src/spool: files that somebody has altered; it has no field",
    ),
    (
        "audit.checkpoints_unreadable",
        "a file of checkpoints that cannot be read; its error is a code",
    ),
    (
        "job.reports_unavailable",
        "the directory of the reports is away; its error is a code",
    ),
];

/// Events that come or do not, as it happens.
const BY_CHANCE: &[&str] = &[
    "service.readiness_changed",
    "third_party.warning",
    "third_party.error",
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
        .setting("KORRIGO_LOG", "debug")
        .setting("KORRIGO_AUDIT_VERIFY_INTERVAL", "1s")
        .setting("KORRIGO_HAND_BACK_AFTER", "1s")
        .start()
        .await;
    let mut driver = Driver::of(&system).await;
    let office = driver.work(&system).await;
    driver.spoil(&system, &office).await;
    driver.suffer(&mut system, &office).await;
    driver.endure(&mut system, &office).await;
    driver.forget(&system, &office).await;
    driver.leave(&system, &office).await;
    system.settle().await;

    let never_asked = driver.never_asked();
    assert!(never_asked.is_empty(), "never let through: {never_asked:?}");
    nothing_is_found(&system, &driver).await;
    every_event_is_known(&system);

    let overlooked = planted::overlooked(&mut system, &mut driver).await;
    assert!(overlooked.is_empty(), "planted and not found: {overlooked:?}");
    evidence(format_args!(
        "a canary that was planted in each sink was found in each"
    ));
}

async fn nothing_is_found(system: &System, driver: &Driver) {
    let canaries = driver.canaries();
    let scanner = Scanner::of(&canaries);
    let (mut leaks, mut sinks, mut bytes, mut lines) = (Vec::new(), 0, 0, 0);
    for sink in sinks::all(system, &driver.passing).await {
        let mut found = scanner.find(&sink.content);
        found.retain(|(kind, _)| !sinks::is_allowed(&sink.name, kind));
        if !found.is_empty() {
            leaks.push(format!("{}: {found:?}", sink.name));
        }
        sinks += 1;
        bytes += sink.content.len();
        lines += sink.content.split(|byte| *byte == b'\n').count();
    }
    assert!(leaks.is_empty(), "{}", leaks.join("\n"));
    let children = driver.passing.processes.iter();
    let children = children.filter(|seen| seen.windows(6).any(|word| word == b"\0child"));
    assert!(children.count() > 0, "no child of a worker was seen");
    assert!(
        bytes > 1_000_000 && lines > 10_000,
        "only {bytes} bytes in {lines} lines were searched"
    );
    evidence(format_args!(
        "{} canaries went through {} operations; {sinks} sinks with {lines} lines and {bytes} bytes have none",
        canaries.len(),
        driver.operations().len(),
    ));
}

/// Every event of the registry was logged, or it is said why not.
fn every_event_is_known(system: &System) {
    let seen: BTreeSet<String> = system
        .log_lines()
        .iter()
        .filter_map(|line| Some(line["event"].as_str()?.to_owned()))
        .collect();
    let registry: Vec<_> = telemetry::events::all().map(|event| event.code).collect();
    for (excused, _) in NOT_REACHED {
        assert!(registry.contains(excused), "{excused} is no event");
    }
    let is_excused = |code: &str| NOT_REACHED.iter().any(|(known, _)| *known == code);
    let unseen: Vec<_> = registry
        .iter()
        .filter(|code| !seen.contains(**code) && !is_excused(code) && !BY_CHANCE.contains(code))
        .collect();
    assert!(unseen.is_empty(), "never logged: {unseen:?}");
    evidence(format_args!(
        "{} of {} log events were written",
        registry.iter().filter(|code| seen.contains(**code)).count(),
        registry.len(),
    ));
}
