//! The database speaks up when there is something to publish and when a job changes.

use std::time::Duration;

use store::{JobChanged, Notifications};
use tokio::sync::broadcast::Receiver;

use crate::harness::{Bench, attempt, until};

const PATIENCE: Duration = Duration::from_secs(20);

async fn next(jobs: &mut Receiver<JobChanged>) -> JobChanged {
    let next = tokio::time::timeout(PATIENCE, jobs.recv()).await;
    next.expect("somebody speaks up").expect("the listener lives")
}

async fn listening(bench: &Bench) -> (Notifications, Receiver<JobChanged>) {
    let notifications = bench.store.listen();
    let mut jobs = notifications.jobs();
    assert_eq!(next(&mut jobs).await, JobChanged::Any);
    (notifications, jobs)
}

#[tokio::test]
async fn a_new_message_wakes_the_relay_and_a_changed_job_its_watchers() {
    let bench = Bench::new().await;
    let (notifications, mut jobs) = listening(&bench).await;
    let mut outbox = notifications.outbox();
    outbox.mark_unchanged();
    let (_, job) = bench.registered(b"scan").await;
    assert_eq!(next(&mut jobs).await, JobChanged::Job(job));
    tokio::time::timeout(PATIENCE, outbox.changed())
        .await
        .expect("the relay is woken")
        .expect("it lives");

    let app = bench.database.app_url();
    // A sign of life without progress is nothing to watch.
    attempt(&app, "UPDATE grading.jobs SET attempt = attempt").expect("the job is touched");
    attempt(&app, "UPDATE grading.jobs SET revision = revision + 1").expect("the job is changed");
    assert_eq!(next(&mut jobs).await, JobChanged::Job(job));
    assert!(jobs.is_empty());
}

#[tokio::test]
async fn after_an_interruption_listeners_are_told_to_look_again() {
    let bench = Bench::new().await;
    let (_notifications, mut jobs) = listening(&bench).await;
    bench.database.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND query LIKE 'LISTEN%'",
    );
    assert_eq!(next(&mut jobs).await, JobChanged::Any);
    let (_, job) = bench.registered(b"scan").await;
    assert_eq!(next(&mut jobs).await, JobChanged::Job(job));
}

#[tokio::test]
async fn the_connection_ends_when_nobody_listens_any_more() {
    let bench = Bench::new().await;
    let listening = listening(&bench).await;
    let connections = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND query LIKE 'LISTEN%'";
    assert_eq!(bench.database.count(connections), 1);
    drop(listening);
    until("it ends", || bench.database.count(connections) == 0).await;
}
