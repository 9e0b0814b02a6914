//! Processes, connections and servers that die in the middle of an import: exactly one effect remains.

#![expect(
    clippy::tests_outside_test_module,
    clippy::unwrap_used,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

use testkit::{Client, System, Upload, corpus, eventually};

/// Pages enough that an import takes a while.
const MANY: u32 = 24;

#[tokio::test]
async fn a_worker_that_is_killed_in_the_middle_leaves_one_set_of_pages() {
    let mut system = System::builder().impatient().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let (copy, job) = upload(&teacher, &exam, MANY, 60).await;
    running(&teacher, &job).await;
    system.worker().kill();
    system.worker().restart().await;
    imported_once(&system, &teacher, &copy, MANY).await;
}

#[tokio::test]
async fn a_broker_that_restarts_in_the_middle_loses_nothing() {
    let mut system = System::builder().impatient().own_broker().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let (copy, job) = upload(&teacher, &exam, MANY, 61).await;
    running(&teacher, &job).await;
    system.rabbitmq.as_mut().unwrap().kill();
    // While it is away uploads are accepted all the same.
    let (waiting, _) = upload(&teacher, &exam, 1, 62).await;
    system.rabbitmq.as_mut().unwrap().restart().unwrap();
    system.settle().await;
    assert_eq!(pages(&teacher, &waiting).await, 1);
    assert_eq!(pages(&teacher, &copy).await, MANY);
    assert_eq!(imports(&system), 2);
    measured(&system, 2.0).await;
}

#[tokio::test]
async fn a_queue_that_is_deleted_in_the_middle_comes_back_and_its_jobs_too() {
    let system = System::builder().impatient().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let bar = system.database.bar("grading.pages");
    let (copy, _) = upload(&teacher, &exam, 2, 63).await;
    bar.reached().await;
    // With the queue goes the message of the import that is under way, and one that nobody has taken yet.
    system.broker.delete_queue("korrigo.pdf.import").await;
    let (waiting, _) = upload(&teacher, &exam, 3, 66).await;
    drop(bar);
    system.settle().await;
    assert_eq!(pages(&teacher, &copy).await, 2);
    assert_eq!(pages(&teacher, &waiting).await, 3);
    assert_eq!(imports(&system), 2);
    measured(&system, 2.0).await;
}

#[tokio::test]
async fn a_queue_that_is_emptied_by_somebody_gets_its_messages_again() {
    let mut system = System::builder().impatient().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    system.worker().end().await;
    let (copy, _) = upload(&teacher, &exam, 2, 68).await;
    system.announced().await;
    assert!(system.broker.purge("korrigo.pdf.import").await > 0);
    system.worker().restart().await;
    imported_once(&system, &teacher, &copy, 2).await;
}

#[tokio::test]
async fn a_grading_service_that_dies_between_commit_and_reply_has_committed_once() {
    let mut system = System::builder().impatient().proxy().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let bar = system.database.bar("grading.pages");
    let (copy, _) = upload(&teacher, &exam, 3, 64).await;
    // The worker has reported its pages. It gets no reply: the commit comes, and it does not know.
    bar.reached().await;
    system.proxy.as_ref().unwrap().hold_replies(true);
    drop(bar);
    let committed = "SELECT count(*) AS count FROM grading.jobs WHERE state = 'SUCCEEDED'";
    eventually("the commit", async || match system.count(committed) {
        1 => Ok(()),
        other => Err(other),
    })
    .await;
    system.grading.kill();
    system.proxy.as_ref().unwrap().cut();
    system.proxy.as_ref().unwrap().hold_replies(false);
    system.grading.restart().await;
    imported_once(&system, &teacher, &copy, 3).await;
}

#[tokio::test]
async fn a_database_that_restarts_in_the_middle_loses_nothing_that_was_acknowledged() {
    let mut system = System::builder().impatient().own_database().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let (copy, job) = upload(&teacher, &exam, MANY, 65).await;
    running(&teacher, &job).await;
    let database = system.postgres.as_mut().unwrap();
    database.kill();
    // Who had a connection in hand is told that nobody knows, everybody else to come back.
    let refused = teacher.get("/exams").await;
    let told = (refused.status, refused.text("/code"));
    let known = [(503, "unavailable"), (504, "timeout")].map(|(status, code)| (status, code.to_owned()));
    assert!(known.contains(&told), "{told:?}");
    database.restart().unwrap();
    imported_once(&system, &teacher, &copy, MANY).await;
}

#[tokio::test]
async fn a_failure_that_could_not_be_told_is_recorded_once_when_worker_and_grading_are_back() {
    let mut system = System::start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let bar = system.database.bar("grading.grading_events");
    let upload = Upload::new(&exam, corpus::zero_pages(), "fault-upload-67");
    let copy = teacher.upload(upload).await.expect(202).text("/copy_id");
    // Grading is told of the failure and dies before it is committed.
    bar.reached().await;
    system.grading.kill();
    let worker = system.workers.first_mut().unwrap();
    eventually("the failure to be kept", async || {
        let kept = worker.metric("grading_reports_kept", "waiting").await;
        if kept > 0.0 { Ok(()) } else { Err(kept) }
    })
    .await;
    eventually("the worker to say so, and to be ready", async || {
        let ready = reqwest::get(format!("{}/readyz", worker.admin())).await.unwrap();
        let (status, body) = (ready.status(), ready.text().await.unwrap());
        if status == 200 && body.contains("\"reports\":\"degraded\"") {
            Ok(())
        } else {
            Err(body)
        }
    })
    .await;
    worker.kill();
    drop(bar);
    system.grading.restart().await;
    system.worker().restart().await;
    system.settle().await;

    let events = |condition: &str| {
        system.count(&format!(
            "SELECT count(*) FROM grading.grading_events WHERE copy_id = '{copy}' {condition}"
        ))
    };
    assert_eq!(events(""), 1);
    let as_it_was = "AND action = 'IMPORT' AND metadata @> '{\"success\": false, \"error_code\": \"empty_result\", \"attempt\": 1}'";
    assert_eq!(events(as_it_was), 1);
    measured(&system, 1.0).await;
    let worker = system.workers.first().unwrap();
    eventually("nothing to be kept any more", async || {
        let kept = worker.metric("grading_reports_kept", "").await;
        if kept > 0.0 { Err(kept) } else { Ok(()) }
    })
    .await;
}

async fn upload(teacher: &Client, exam: &str, pages: u32, seed: u64) -> (String, String) {
    let key = format!("fault-upload-{seed}");
    let upload = Upload::new(exam, corpus::scan(pages, seed), &key);
    let accepted = teacher.upload(upload).await.expect(202);
    (accepted.text("/copy_id"), accepted.text("/job/id"))
}

async fn running(teacher: &Client, job: &str) {
    eventually("the job to run", async || {
        let job = teacher.get(&format!("/jobs/{job}")).await.expect(200);
        if job.text("/state") == "RUNNING" {
            Ok(())
        } else {
            Err(job.text("/state"))
        }
    })
    .await;
}

async fn imported_once(system: &System, teacher: &Client, copy: &str, count: u32) {
    system.settle().await;
    assert_eq!(pages(teacher, copy).await, count);
    assert_eq!(imports(system), 1);
    measured(system, 1.0).await;
}

/// The worker has measured so many imports, and no more.
async fn measured(system: &System, times: f64) {
    eventually("the metric", async || {
        match system
            .workers
            .first()
            .unwrap()
            .metric("grading_import_duration_seconds_count", "")
            .await
        {
            count if (count - times).abs() < f64::EPSILON => Ok(()),
            other => Err(other),
        }
    })
    .await;
}

async fn pages(teacher: &Client, copy: &str) -> u32 {
    let copy = teacher.get(&format!("/copies/{copy}")).await.expect(200).json();
    u32::try_from(
        copy.pointer("/pages")
            .and_then(|pages| pages.as_array())
            .map_or(0, Vec::len),
    )
    .unwrap()
}

fn imports(system: &System) -> i64 {
    system.count("SELECT count(*) AS count FROM grading.grading_events WHERE action = 'IMPORT'")
}
