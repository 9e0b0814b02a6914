//! What grading does for workers and by itself: it is killed at it, and it is done once all the same.

use domain::Layout;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, System, Upload, corpus, eventually};

use super::armed;
use super::places::{Places, died};
use crate::corrector::Corrector;

/// The transactions that these scenes kill.
pub(super) const TRANSACTIONS: &[&str] = &[
    "authorize_batch",
    "register_batch",
    "complete_split",
    "complete_archive",
    "fail_job",
    "expire_lease",
    "announce_again",
    "lapse_lock",
];

#[tokio::test]
async fn a_scan_of_many_copies_is_taken_apart_once_wherever_grading_is_killed() {
    let mut system = System::builder().impatient().start().await;
    let teacher = system.teacher().await;
    let exam = system.exam_on(4, Layout::A3Folded).await;
    let mut places = Places::of(&["authorize_batch", "register_batch", "complete_split"]);
    let copies = |system: &System| system.count("SELECT count(*) FROM grading.copies WHERE page_count = 4");
    let mut taken = 0;
    while let Some(plan) = places.next() {
        let mut scan = corpus::numbered(&[&[4, 1], &[2, 3], &[8, 5], &[6, 7]]);
        scan.extend(format!("\n% {plan}\n").into_bytes());
        armed(&mut system, &plan).await;
        let send = async || {
            teacher
                .upload_batch(Upload::new(&exam, scan.clone(), &plan))
                .await
        };
        // Whoever is not answered sends it again.
        let first = send().await;
        taken += 2;
        places.was(
            &plan,
            died(&mut system, &plan, |system| copies(system) == taken).await,
        );
        if first.status != 202 {
            assert!([503, 504].contains(&first.status), "{plan}: {}", first.status);
            eventually("the scan to be taken", async || match send().await.status {
                202 => Ok(()),
                other => Err(other),
            })
            .await;
        }
        system.settle_in_a_hurry().await;
        assert_eq!(copies(&system), taken, "{plan}");
    }
    places.tell();
}

#[tokio::test]
async fn a_failure_is_recorded_once_wherever_grading_is_killed() {
    let mut system = System::builder().impatient().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let mut places = Places::of(&["fail_job"]);
    while let Some(plan) = places.next() {
        armed(&mut system, &plan).await;
        let mut document = corpus::zero_pages();
        document.extend(format!("\n% {plan}\n").into_bytes());
        let copy = teacher.upload(Upload::new(&exam, document, &plan)).await;
        let copy = copy.expect(202).text("/copy_id");
        let failures = |system: &System| {
            events(
                system,
                &copy,
                "action = 'IMPORT' AND metadata -> 'success' = 'false'",
            )
        };
        places.was(
            &plan,
            died(&mut system, &plan, |system| failures(system) == 1).await,
        );
        system.settle_in_a_hurry().await;
        assert_eq!(failures(&system), 1, "{plan}");
    }
    places.tell();
}

#[tokio::test]
async fn a_job_whose_worker_died_is_given_to_another_once_wherever_grading_is_killed() {
    let mut system = System::builder().impatient().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let mut places = Places::of(&["expire_lease"]);
    while let Some(plan) = places.next() {
        let bar = system.database.bar("grading.pages");
        let upload = Upload::new(&exam, corpus::marked(&plan), &plan);
        let copy = teacher.upload(upload).await.expect(202).text("/copy_id");
        bar.reached().await;
        system.workers.first_mut().unwrap().kill();
        // What it was held back at dies with it.
        system.grading.kill();
        drop(bar);
        system.grading.arm(&plan);
        system.grading.launch();
        let held =
            format!("SELECT count(*) FROM grading.jobs WHERE copy_id = '{copy}' AND lease_until IS NOT NULL");
        places.was(
            &plan,
            died(&mut system, &plan, |system| system.count(&held) == 0).await,
        );
        system.worker().restart().await;
        system.settle_in_a_hurry().await;
        let imported = "action = 'IMPORT' AND metadata -> 'success' = 'true'";
        assert_eq!(events(&system, &copy, imported), 1, "{plan}");
    }
    places.tell();
}

#[tokio::test]
async fn a_message_that_was_lost_comes_again_wherever_grading_is_killed() {
    let mut system = System::builder().impatient().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let mut places = Places::of(&["announce_again"]);
    while let Some(plan) = places.next() {
        // What it has done is confirmed by then, and comes to nobody else.
        system.worker().end().await;
        let upload = Upload::new(&exam, corpus::marked(&plan), &plan);
        let copy = teacher.upload(upload).await.expect(202).text("/copy_id");
        system.announced().await;
        system.grading.kill();
        assert!(system.broker.purge("korrigo.pdf.import").await > 0, "{plan}");
        let announcements = format!(
            "SELECT count(*) FROM grading.outbox JOIN grading.jobs ON jobs.id = outbox.job_id WHERE copy_id = '{copy}'"
        );
        let before = system.count(&announcements);
        system.grading.arm(&plan);
        system.grading.launch();
        let is_announced = |system: &System| system.count(&announcements) > before;
        places.was(&plan, died(&mut system, &plan, is_announced).await);
        system.worker().restart().await;
        system.settle_in_a_hurry().await;
        assert_eq!(events(&system, &copy, "action = 'IMPORT'"), 1, "{plan}");
    }
    places.tell();
}

/// How many events of a copy are like this.
fn events(system: &System, copy: &str, like: &str) -> i64 {
    system.count(&format!(
        "SELECT count(*) FROM grading.grading_events WHERE copy_id = '{copy}' AND {like}"
    ))
}

#[tokio::test]
async fn a_lock_that_lapses_ends_once_wherever_grading_is_killed() {
    let mut system = System::start().await;
    let (admin, teacher, exam) = (system.admin().await, system.teacher().await, system.exam().await);
    let mut places = Places::of(&["lapse_lock"]);
    while let Some(plan) = places.next() {
        let upload = Upload::new(&exam, corpus::marked(&plan), &plan);
        let copy = teacher.upload(upload).await.expect(202).text("/copy_id");
        system.settle().await;
        let path = format!("/copies/{copy}");
        let nothing = json!({});
        admin
            .post(&format!("{path}/validate"), &nothing)
            .await
            .expect(200);
        teacher.post(&format!("{path}/lock"), &nothing).await.expect(201);
        system.grading.kill();
        system.database.run(&format!(
            "UPDATE grading.locks SET expires_at = now() - interval '1 second' WHERE copy_id = '{copy}'"
        ));
        system.grading.arm(&plan);
        system.grading.launch();
        let ends = |system: &System| events(system, &copy, "action = 'UNLOCK'");
        places.was(&plan, died(&mut system, &plan, |system| ends(system) == 1).await);
        eventually("the lock to end", async || match ends(&system) {
            1 => Ok(()),
            other => Err(other),
        })
        .await;
        let left = format!("SELECT count(*) FROM grading.locks WHERE copy_id = '{copy}'");
        assert_eq!(system.count(&left), 0, "{plan}");
    }
    places.tell();
}

#[tokio::test]
async fn an_archive_is_delivered_once_wherever_grading_is_killed() {
    let mut system = System::builder().impatient().start().await;
    let (admin, copy) = (
        system.admin().await,
        Corrector::of(&system).await.correct(730).await,
    );
    let keyed = async |path: &str, key: &str| {
        let request = admin.request(Method::POST, &format!("/exams/{}{path}", copy.exam));
        Client::send(request.header("Idempotency-Key", key)).await
    };
    keyed("/release", "released").await.expect(201);
    let mut places = Places::one(0, &["complete_archive"]);
    while let Some(plan) = places.next() {
        // The one before is kept no longer, so that another one is made.
        system
            .database
            .run("UPDATE grading.archives SET expires_at = now() - interval '1 second'");
        armed(&mut system, &plan).await;
        let job = keyed("/archive", &plan).await.expect(202).text("/job/id");
        let made =
            format!("SELECT count(*) FROM grading.archives WHERE job_id = '{job}' AND expires_at > now()");
        places.was(
            &plan,
            died(&mut system, &plan, |system| system.count(&made) == 1).await,
        );
        system.settle_in_a_hurry().await;
        assert_eq!(system.count(&made), 1, "{plan}");
        let archive = admin.get(&format!("/exams/{}/archive", copy.exam)).await;
        let archive = archive.expect(200).json();
        assert_eq!(archive.get("copies").and_then(Value::as_u64), Some(1), "{plan}");
    }
    places.tell();
}
