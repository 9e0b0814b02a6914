//! The sweep itself.

use std::collections::BTreeSet;

use testkit::{System, evidence};

use crate::driver::Driver;
use crate::elsewhere;
use crate::planted;
use crate::scan::Scanner;
use crate::sinks;

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
