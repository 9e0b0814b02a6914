//! A worker that sleeps longer than its lease, and wakes up when another has done its work.

use rustix::process::Signal;
use testkit::{System, eventually, evidence};

use crate::corrector::Corrector;
use crate::ledger::judge;

#[tokio::test]
async fn a_worker_that_wakes_up_after_its_lease_changes_nothing_any_more() {
    let mut system = System::builder().impatient().workers(2).start().await;
    let corrector = Corrector::of(&system).await;
    let [sleeper, other] = system.workers.as_mut_slice() else {
        panic!("two workers");
    };
    other.kill();
    // At the moment of its report it is held back, and put to sleep.
    let bar = system.database.bar("grading.pages");
    let database = &system.database;
    let sleeping = async {
        bar.reached().await;
        sleeper.signal(Signal::STOP);
        // What it has sent already goes no further than its lease.
        let ended = "SELECT count(*) FROM grading.jobs WHERE lease_until <= now()";
        eventually("the lease to end", async || match database.count(ended) {
            1 => Ok(()),
            other => Err(other),
        })
        .await;
        database.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = current_database() AND usename = 'korrigo_app' AND wait_event_type = 'Lock'",
        );
        drop(bar);
        other.launch();
        let taken = "SELECT count(*) FROM grading.jobs WHERE fence > 1 AND state = 'SUCCEEDED'";
        eventually("another to have done the work", async || {
            database.hurry();
            match database.count(taken) {
                1 => Ok(()),
                other => Err(other),
            }
        })
        .await;
        sleeper.signal(Signal::CONT);
    };
    let (copy, ()) = tokio::join!(corrector.correct(200), sleeping);
    judge(&system, &[copy]).await;
    let sleeper = system.workers.first().unwrap();
    let late = eventually("the sleeper to be told", async || {
        let lines = system.log_lines();
        let late = lines.iter().filter(|line| {
            line.get("event")
                .is_some_and(|event| event == "job.report_late" || event == "job.lease_lost")
        });
        match late.count() {
            0 => Err("nothing"),
            count => Ok(count),
        }
    })
    .await;
    let pages = sleeper.metric("grading_import_duration_seconds_count", "").await;
    assert!(pages < 0.5, "the sleeper counts no import");
    evidence(format_args!(
        "a worker slept past its lease; what it then said was refused {late} times"
    ));
}
