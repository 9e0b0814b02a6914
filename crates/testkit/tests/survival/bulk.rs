//! A heap of imports that get stuck: who corrects does not notice.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use testkit::{System, Upload, corpus, eventually, evidence};

use crate::corrector::Corrector;

/// More than there are connections to the database, which are four.
const IMPORTS: u64 = 6;

const STUCK: &str = "SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = 'korrigo_app' AND wait_event_type = 'Lock'";

#[tokio::test]
async fn imports_that_are_stuck_in_the_database_leave_room_for_who_corrects() {
    let system = System::builder()
        .setting("KORRIGO_IMPORT_SLOTS", IMPORTS.to_string())
        .setting("KORRIGO_DATABASE_BULK_LOCK_TIMEOUT", "30s")
        .start()
        .await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    // Nothing is imported before everything may get stuck.
    let worker = system.workers.first().unwrap();
    worker.signal(Signal::STOP);
    for number in 0..IMPORTS {
        let key = format!("bulk-{number}");
        let upload = Upload::new(&exam, corpus::scan(2, number), &key);
        teacher.upload(upload).await.expect(202);
    }
    let bar = system.database.bar("grading.pages");
    worker.signal(Signal::CONT);
    eventually("half of the connections to be taken", async || {
        match system.count(STUCK) {
            2 => Ok(()),
            other => Err(other),
        }
    })
    .await;
    // Each of these would find no connection if the other reports had taken the rest of them.
    let mut slowest = Duration::ZERO;
    for _ in 0..100 {
        let asked = Instant::now();
        teacher.get("/exams").await.expect(200);
        slowest = slowest.max(asked.elapsed());
        assert!(system.count(STUCK) <= 2, "more than half of the connections");
    }
    drop(bar);
    system.settle().await;
    evidence(format_args!(
        "while {IMPORTS} imports were stuck on the two connections that work in bulk may take, the slowest of 100 other requests took {slowest:.0?}"
    ));
}

#[tokio::test]
async fn while_too_many_scans_wait_no_others_are_taken_and_corrections_go_on() {
    let system = System::builder()
        .setting("KORRIGO_MAX_WAITING_SCANS", "2")
        .start()
        .await;
    let corrector = Corrector::of(&system).await;
    let desk = corrector.at_work(720).await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let worker = system.workers.first().unwrap();
    worker.signal(Signal::STOP);
    let keys: Vec<_> = (0..8).map(|number| format!("waiting-{number}")).collect();
    let upload = |number: usize, key| {
        let scan = corpus::scan(2, 900 + u64::try_from(number).unwrap());
        teacher.upload(Upload::new(&exam, scan, key))
    };
    let mut answers = Vec::new();
    for (number, key) in keys.iter().enumerate() {
        answers.push(upload(number, key).await);
    }
    let last = answers.pop().unwrap();
    assert!(!last.header("retry-after").is_empty());
    last.expect_problem(503, "unavailable");
    desk.finalize().await;
    worker.signal(Signal::CONT);
    system.settle().await;
    upload(7, "waiting-7").await.expect(202);
    system.settle().await;
}
