//! Clocks of services that are wrong, and that are set while people work. The database keeps the right one.

use std::cell::Cell;
use std::fs;
use std::ops::Range;
use std::path::Path;

use serde_json::Value;
use testkit::{System, eventually, evidence, faketime};

use crate::corrector::Corrector;
use crate::ledger::judge;

const HOUR: i64 = 3_600;
const YEAR: i64 = 365 * 24 * HOUR;
/// How far a log line may be from what the clock of its service should show: as long as the next one takes.
const NEAR: i64 = 60;
/// For how long a clock shows what comes before a moment that it is to come over.
const BEFORE: i64 = 15;
/// When clocks in Europe are set forward, and when the last leap second was over.
const SUMMER_TIME: &str = "2027-03-28 01:00:00+00";
const LEAP_SECOND: &str = "2017-01-01 00:00:00+00";

#[tokio::test]
async fn clocks_of_services_that_are_set_hours_and_years_off_change_no_order_no_lock_and_no_duration() {
    let home = tempfile::tempdir().unwrap();
    let clock = home.path().join("clock");
    set(&clock, 0);
    let system = System::builder()
        .setting("LD_PRELOAD", faketime().display().to_string())
        .setting("FAKETIME_TIMESTAMP_FILE", clock.display().to_string())
        .setting("FAKETIME_NO_CACHE", "1")
        .setting("FAKETIME_DONT_FAKE_MONOTONIC", "1")
        .setting("NO_FAKE_STAT", "1")
        .setting("TZ", "Europe/Paris")
        // What is swept goes by the clock of the machine, and this one will be a year ahead.
        .setting("KORRIGO_SWEEP_AGE", "17520h")
        .start()
        .await;
    let corrector = Corrector::of(&system).await;
    let over = Cell::new(false);
    let setting = async {
        set_and_seen(&system, &clock, HOUR).await;
        set_and_seen(&system, &clock, -HOUR).await;
        let summer = set_and_passed(&system, &clock, SUMMER_TIME).await;
        let leap = set_and_passed(&system, &clock, LEAP_SECOND).await;
        for ahead in [leap - 1, YEAR, 0] {
            set_and_seen(&system, &clock, ahead).await;
        }
        over.set(true);
        [HOUR, -HOUR, summer, leap, leap - 1, YEAR, 0]
    };
    let (copies, clocks) = tokio::join!(corrector.correct_until(&over, 1_000..), setting);
    judge(&system, &copies).await;
    in_order(&system);
    for (service, metric) in [
        (system.gateway(), "http_request_duration_seconds_sum"),
        (&system.grading, "rpc_server_duration_seconds_sum"),
        (
            system.workers.first().unwrap(),
            "grading_import_duration_seconds_sum",
        ),
    ] {
        let seconds = service.metric(metric, "").await;
        assert!((0.001..600.0).contains(&seconds), "{metric}: {seconds}");
    }
    evidence(format_args!(
        "while {} copies were corrected the clocks of all services were {clocks:?} seconds ahead",
        copies.len()
    ));
}

/// Sets the clock, at once.
fn set(clock: &Path, ahead: i64) {
    let new = clock.with_extension("new");
    fs::write(&new, format!("{ahead:+}\n")).unwrap();
    fs::rename(&new, clock).unwrap();
}

/// How many log lines each service has written between these moments of its clock.
fn written(system: &System, moments: &Range<i64>) -> [usize; 3] {
    let lines = system.log_lines();
    ["gateway", "grading", "pdf-worker"].map(|service| {
        let own = lines
            .iter()
            .filter(|line| line.get("service").is_some_and(|name| name == service));
        own.filter(|line| moments.contains(&moment(line))).count()
    })
}

/// Sets the clock of all services, and waits until each has written a log line by it.
async fn set_and_seen(system: &System, clock: &Path, ahead: i64) {
    let shown = seconds(system, "now()") + ahead;
    let near = shown - NEAR..shown + NEAR;
    let before = written(system, &near);
    set(clock, ahead);
    eventually("every service to have this clock", async || {
        let after = written(system, &near);
        let is_more = before.iter().zip(&after).all(|(before, after)| after > before);
        if is_more { Ok(()) } else { Err((before, after)) }
    })
    .await;
}

/// Sets the clock of all services shortly before a moment, and waits until it was seen then, and after it by each service.
/// Says how far ahead it is.
async fn set_and_passed(system: &System, clock: &Path, moment: &str) -> i64 {
    let passed = seconds(system, &format!("timestamptz '{moment}'"));
    let ahead = passed - BEFORE - seconds(system, "now()");
    set(clock, ahead);
    eventually("every service to come over that moment", async || {
        let before = written(system, &(passed - BEFORE..passed));
        let after = written(system, &(passed..passed + NEAR));
        let is_over = before.iter().any(|lines| *lines > 0) && after.iter().all(|lines| *lines > 0);
        if is_over { Ok(()) } else { Err((before, after)) }
    })
    .await;
    ahead
}

/// A time of the database, in seconds.
fn seconds(system: &System, time: &str) -> i64 {
    system.count(&format!("SELECT extract(epoch FROM {time})::bigint"))
}

fn moment(line: &Value) -> i64 {
    let text = line.get("timestamp").and_then(Value::as_str).unwrap();
    chrono::DateTime::parse_from_rfc3339(text).unwrap().timestamp()
}

/// The events of each copy are in the order of their times, which are those of the database, and nobody's lock is left.
fn in_order(system: &System) {
    for (what, query) in [
        (
            "events before those that they follow",
            "SELECT count(*) FROM grading.grading_events later JOIN grading.grading_events earlier
             ON earlier.copy_id = later.copy_id AND earlier.seq = later.seq - 1 WHERE earlier.at > later.at",
        ),
        (
            "events by another clock",
            "SELECT count(*) FROM grading.grading_events WHERE at > now() OR at < pg_postmaster_start_time()",
        ),
        (
            "locks that were lost",
            "SELECT count(*) FROM grading.grading_events WHERE action = 'UNLOCK' AND actor_kind = 'service'",
        ),
        (
            "jobs that were tried again",
            "SELECT count(*) FROM grading.jobs WHERE attempt > 1",
        ),
    ] {
        assert_eq!(system.count(query), 0, "{what}");
    }
}
