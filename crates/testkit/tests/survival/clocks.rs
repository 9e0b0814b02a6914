//! Clocks of services that are wrong, and that are set while people work. The database keeps the right one.

use std::cell::Cell;
use std::fs;
use std::path::Path;

use serde_json::Value;
use testkit::{System, eventually, evidence, faketime};

use crate::corrector::Corrector;
use crate::ledger::judge;

const HOUR: i64 = 3_600;
const YEAR: i64 = 365 * 24 * HOUR;
/// How far a log line may be from what the clock of its service should show: as long as the next one takes.
const NEAR: i64 = 60;
/// The last seconds before clocks in Europe are set forward, and before the last leap second.
const SUMMER_TIME: &str = "2027-03-28 00:59:57+00";
const LEAP_SECOND: &str = "2016-12-31 23:59:57+00";

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
    let until = |moment: &str| {
        system.count(&format!(
            "SELECT extract(epoch FROM timestamptz '{moment}' - now())::bigint"
        ))
    };
    let over = Cell::new(false);
    let setting = async {
        let leap = until(LEAP_SECOND);
        let clocks = [HOUR, -HOUR, until(SUMMER_TIME), leap, leap - 1, YEAR, 0];
        for ahead in clocks {
            set_and_seen(&system, &clock, ahead).await;
        }
        over.set(true);
        clocks
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

/// How many log lines each service has written by this clock.
fn written(system: &System, now: i64, ahead: i64) -> [usize; 3] {
    let lines = system.log_lines();
    ["gateway", "grading", "pdf-worker"].map(|service| {
        let own = lines
            .iter()
            .filter(|line| line.get("service").is_some_and(|name| name == service));
        own.filter(|line| (moment(line) - now - ahead).abs() < NEAR)
            .count()
    })
}

/// Sets the clock of all services, and waits until each has written a log line by it.
async fn set_and_seen(system: &System, clock: &Path, ahead: i64) {
    let now = system.count("SELECT extract(epoch FROM now())::bigint");
    let before = written(system, now, ahead);
    set(clock, ahead);
    eventually("every service to have this clock", async || {
        let after = written(system, now, ahead);
        let is_more = before.iter().zip(&after).all(|(before, after)| after > before);
        if is_more { Ok(()) } else { Err((before, after)) }
    })
    .await;
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
