//! A disk that fills up under the log files, and has room again.

#![expect(
    clippy::tests_outside_test_module,
    reason = "an integration test is a test module"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

mod logged;

use std::fs;
use std::time::{Duration, Instant};

use domain::Ids;
use logged::{files, finished, lines, lost, started};
use rustix::process::{Resource, Rlimit, Signal, getrlimit, setrlimit};

fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(
            begun.elapsed() < Duration::from_secs(20),
            "in vain waited until {what}"
        );
        std::thread::yield_now();
    }
}

/// The largest file that this process may write from now on.
fn limit_files(bytes: Option<u64>) {
    let maximum = getrlimit(Resource::Fsize).maximum;
    let limit = Rlimit {
        current: bytes,
        maximum,
    };
    setrlimit(Resource::Fsize, limit).unwrap();
}

#[tokio::test]
async fn a_full_disk_holds_nobody_up_and_what_was_lost_is_told_when_there_is_room_again() {
    // Without a handler the signal would end the process, where a full disk only refuses to write.
    let _ignored =
        tokio::signal::unix::signal(tokio::signal::unix::SignalKind::from_raw(Signal::XFSZ.as_raw()))
            .unwrap();
    let directory = tempfile::tempdir().unwrap();
    let (telemetry, metrics) = started(directory.path());
    let ids = Ids::time_ordered();
    finished(ids.next());
    let written = || {
        files(directory.path())
            .iter()
            .any(|log| fs::metadata(log).unwrap().len() > 0)
    };
    until("the first line is written", written);

    limit_files(Some(1_000));
    let begun = Instant::now();
    for _ in 0..2_000 {
        finished(ids.next());
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "who logs does not wait");
    until("lines are lost", || lost(&metrics) > 1_000);
    limit_files(None);
    finished(ids.next());
    telemetry.shutdown().await;

    let lines = lines(directory.path());
    let told: u64 = lines
        .iter()
        .filter(|line| line["event"] == "log.lines_dropped")
        .map(|line| line["lines"].as_u64().unwrap())
        .sum();
    let written = lines
        .iter()
        .filter(|line| line["event"] == "job.finished")
        .count();
    assert_eq!(told, lost(&metrics));
    assert_eq!(u64::try_from(written).unwrap() + told, 2_002);
}
