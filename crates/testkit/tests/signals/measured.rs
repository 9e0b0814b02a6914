//! A job is measured by its outcome, however often its message is delivered.

use testkit::{Service, System, TestDatabase, Upload, corpus, eventually, evidence};

/// How often a worker is killed in the middle of the job.
const KILLS: u32 = 3;
/// What is waiting for the bar goes no further.
const END_WAITING: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND usename = 'korrigo_app' AND wait_event_type = 'Lock'";

#[tokio::test]
async fn an_import_whose_workers_are_killed_is_measured_once_and_every_redelivery_is_counted() {
    let mut system = System::start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let (worker, database) = (system.workers.first_mut().unwrap(), &system.database);
    // Nobody can report it before they are killed.
    let bar = database.bar("grading.pages");
    let upload = Upload::new(&exam, corpus::scan(2, 96), "killed-three-times");
    teacher.upload(upload).await.expect(202);
    database.run("UPDATE grading.jobs SET max_attempts = 10");
    let mut redelivered = 0.0;
    for kill in 1..=KILLS {
        begun(database, kill).await;
        bar.reached().await;
        redelivered += redeliveries(worker).await;
        same(imports(worker).await, 0.0);
        worker.kill();
        database.run(END_WAITING);
        database.end_leases();
        worker.restart().await;
    }
    begun(database, KILLS + 1).await;
    drop(bar);
    system.settle().await;
    let worker = system.workers.first().unwrap();
    redelivered += redeliveries(worker).await;
    // It counts when grading has answered.
    let imports = eventually("the import in the metric", async || match imports(worker).await {
        0.0 => Err("none"),
        some => Ok(some),
    });
    same(imports.await, 1.0);
    same(redelivered, f64::from(KILLS));
    evidence(format_args!(
        "a worker was killed {KILLS} times in the middle of an import: {redelivered} redeliveries, 1 import in the metric"
    ));
}

/// Waits until some worker is at this attempt, without the pauses between attempts.
async fn begun(database: &TestDatabase, attempt: u32) {
    let running =
        format!("SELECT count(*) FROM grading.jobs WHERE state = 'RUNNING' AND attempt = {attempt}");
    let what = format!("attempt {attempt}");
    eventually(&what, async || {
        database.hurry();
        match database.count(&running) {
            1 => Ok(()),
            other => Err(other),
        }
    })
    .await;
}

async fn imports(worker: &Service) -> f64 {
    worker.metric("grading_import_duration_seconds_count", "").await
}

/// As long as the process has run.
async fn redeliveries(worker: &Service) -> f64 {
    worker.metric("grading_job_redeliveries_total", "").await
}

fn same(found: f64, expected: f64) {
    assert!((found - expected).abs() < f64::EPSILON, "{found}, not {expected}");
}
