//! Messages that come twice, too late, in another order, or from a version that nobody knows.

use std::time::Duration;

use contracts::jobs::{JOB_MESSAGE_V1, encode};
use domain::JobId;
use testkit::{System, Upload, corpus, eventually, evidence};

use crate::corrector::Corrector;
use crate::ledger::judge;

/// How many messages change places.
const REORDERED: u32 = 3;

const QUEUES: [&str; 2] = ["korrigo.pdf.import", "korrigo.pdf.finalize"];

#[tokio::test]
async fn doubled_and_old_messages_have_no_second_effect_and_unknown_ones_are_set_aside() {
    let mut system = System::builder().workers(2).start().await;
    let corrector = Corrector::of(&system).await;
    // While the import and the finalization are under way, each message comes ten times more.
    let over = std::cell::Cell::new(false);
    let doubling = async {
        let mut doubled = Vec::new();
        while !over.get() {
            for (job, kind) in jobs(&system) {
                if !doubled.contains(&job) {
                    for _ in 0..10 {
                        system.broker.publish(kind, JOB_MESSAGE_V1, encode(job)).await;
                    }
                    doubled.push(job);
                }
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        doubled
    };
    let correcting = async {
        let copy = corrector.correct(300).await;
        over.set(true);
        copy
    };
    let (copy, mut doubled) = tokio::join!(correcting, doubling);
    doubled.extend(jobs(&system).into_iter().map(|(job, _)| job));
    doubled.sort();
    doubled.dedup();
    // Long after the work is done they come again, to both queues.
    ten_days_pass(&system);
    for job in &doubled {
        for queue in QUEUES {
            system.broker.publish(queue, JOB_MESSAGE_V1, encode(*job)).await;
        }
    }
    system
        .broker
        .publish("korrigo.pdf.import", "korrigo.jobs.v9.JobMessage", b"{}".to_vec())
        .await;
    system.broker.wait_for_depth("korrigo.pdf.import.dead", 1).await;
    for queue in QUEUES {
        system.broker.wait_for_depth(queue, 0).await;
    }
    system.expect_dead_letters(1);
    judge(&system, &[copy]).await;
    counted_once(&system).await;
    evidence(format_args!(
        "{} jobs, their messages ten times more at work and twice more a long time later: one effect each; \
         a message of an unknown version is among the dead letters",
        doubled.len()
    ));
}

#[tokio::test]
async fn messages_that_come_in_another_order_are_done_once_each() {
    let mut system = System::start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    system.worker().kill();
    for number in 0..REORDERED {
        let key = format!("reordered-{number}");
        let upload = Upload::new(&exam, corpus::scan(1, 320 + u64::from(number)), &key);
        teacher.upload(upload).await.expect(202);
    }
    let [queue, _] = QUEUES;
    system.broker.wait_for_depth(queue, REORDERED).await;
    // The last comes first, and the first two come a second time at the end.
    let came: Vec<JobId> = jobs(&system).into_iter().map(|(job, _)| job).collect();
    system.broker.purge(queue).await;
    for job in came.iter().rev().chain(came.first()).chain(came.get(1)) {
        system.broker.publish(queue, JOB_MESSAGE_V1, encode(*job)).await;
    }
    system.worker().restart().await;
    system.settle().await;
    system.broker.wait_for_depth(queue, 0).await;
    let once = "SELECT count(*) FROM grading.grading_events WHERE action = 'IMPORT' AND metadata -> 'success' = 'true'";
    assert_eq!(system.count(once), i64::from(REORDERED));
    evidence(format_args!(
        "{REORDERED} messages came in the opposite order, two of them twice: one effect each"
    ));
}

/// Of an import and a finalization, all workers together have counted one each.
async fn counted_once(system: &System) {
    for metric in [
        "grading_import_duration_seconds_count",
        "grading_finalize_duration_seconds_count",
    ] {
        eventually("the metric", async || {
            let mut count = 0.0;
            for worker in &system.workers {
                count += worker.metric(metric, "").await;
            }
            if (count - 1.0).abs() < f64::EPSILON {
                Ok(())
            } else {
                Err(count)
            }
        })
        .await;
    }
}

fn jobs(system: &System) -> Vec<(JobId, &'static str)> {
    let of = |kind: &str, queue| {
        let ids = system.database.texts(&format!(
            "SELECT id::text FROM grading.jobs WHERE kind = '{kind}'"
        ));
        ids.into_iter().map(move |id| (id.parse().unwrap(), queue))
    };
    let [import, finalize] = QUEUES;
    of("IMPORT_COPY", import)
        .chain(of("FINALIZE_COPY", finalize))
        .collect()
}

/// As far as their messages know.
fn ten_days_pass(system: &System) {
    system
        .database
        .run("UPDATE grading.outbox SET sent_at = sent_at - interval '10 days'");
}
