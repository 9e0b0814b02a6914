//! The sweep itself.

use std::collections::BTreeSet;

use testkit::{System, evidence};

use crate::classes;
use crate::driver::Driver;
use crate::elsewhere;
use crate::planted;
use crate::scan::Scanner;
use crate::sent::BODIES;
use crate::sinks;

#[tokio::test]
async fn no_canary_is_in_any_sink_and_one_that_is_planted_is_found() {
    let mut system = System::builder()
        .own_database()
        .own_broker()
        .traces()
        .reports()
        .impatient()
        .setting("KORRIGO_LOG", "debug")
        .setting("KORRIGO_AUDIT_VERIFY_INTERVAL", "1s")
        .setting("KORRIGO_HAND_BACK_AFTER", "1s")
        .setting("KORRIGO_DATABASE_LOCK_TIMEOUT", "3s")
        .setting("KORRIGO_BODY_TIMEOUT", "3s")
        .start()
        .await;
    let mut driver = Driver::of(&system).await;
    let office = driver.work(&system).await;
    system.settle().await;
    driver.back_up(&system);
    driver.spoil(&system, &office).await;
    driver.refuse(&system, &office).await;
    driver.suffer(&mut system, &office).await;
    driver.endure(&mut system, &office).await;
    let failures = classes::failures(&system);
    driver.forget(&system, &office).await;
    driver.leave(&system, &office).await;
    driver.look(&system, &office);
    system.settle().await;

    everything_was_tried(&driver, &failures);
    errors_were_reported(&system);
    nothing_is_found(&system, &driver).await;
    every_event_is_known(&system);

    let overlooked = planted::overlooked(&mut system, &mut driver).await;
    assert!(overlooked.is_empty(), "planted and not found: {overlooked:?}");
    evidence(format_args!(
        "a canary that was planted in each sink, in each way, was found in each"
    ));
}

/// Every operation was let through, every body was taken however it was written, every refusal was given, every kind of job
/// has failed in every way that it can, and every command was run.
fn everything_was_tried(driver: &Driver, failures: &BTreeSet<String>) {
    let never_asked = driver.never_asked();
    assert!(never_asked.is_empty(), "never let through: {never_asked:?}");
    let never_taken = BODIES.iter().filter(|(way, _)| !driver.taken.contains(way));
    assert_eq!(never_taken.count(), 0, "only taken: {:?}", driver.taken);
    let codes = classes::unknown_and_unseen(&driver.problems);
    assert!(codes.is_empty(), "unknown codes, or never seen: {codes:?}");
    let amiss = classes::amiss(failures);
    assert!(amiss.is_empty(), "of {failures:?} amiss: {amiss:?}");
    let never_run = driver.never_run();
    assert!(never_run.is_empty(), "never run: {never_run:?}");
    evidence(format_args!(
        "requests were refused with all {} codes, jobs failed in {} ways, and {} lines of commands were run",
        driver.problems.len(),
        failures.len(),
        driver.operated.len(),
    ));
}

/// A receiver got errors to be searched, of each service.
fn errors_were_reported(system: &System) {
    let reports = system.receiver.as_ref().unwrap().raw();
    let reports = String::from_utf8_lossy(&reports);
    for service in ["gateway", "grading", "pdf-worker"] {
        let named = format!("\"service\":\"{service}\"");
        assert!(
            reports.contains(&named),
            "{service} has reported nothing: {reports}"
        );
    }
    evidence(format_args!(
        "{} errors were reported",
        reports.matches("POST /api/").count()
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

/// Every event of the registry was logged, or a test elsewhere has it logged.
fn every_event_is_known(system: &System) {
    let seen: BTreeSet<String> = system
        .log_lines()
        .iter()
        .filter_map(|line| Some(line["event"].as_str()?.to_owned()))
        .collect();
    let registry: Vec<_> = telemetry::events::all().map(|event| event.code).collect();
    let unseen: Vec<_> = registry
        .iter()
        .filter(|code| !seen.contains(**code) && !elsewhere::is_provoked(code))
        .collect();
    assert!(unseen.is_empty(), "never logged: {unseen:?}");
    evidence(format_args!(
        "{} of {} log events were written, the others are by tests that name them",
        registry.iter().filter(|code| seen.contains(**code)).count(),
        registry.len(),
    ));
}
