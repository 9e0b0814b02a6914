//! What grading does for workers and by itself: it is killed at it, and it is done once all the same.

use domain::Layout;
use failpoint::Point;
use testkit::{System, Upload, corpus, eventually, evidence};

use super::{armed, killed};

/// The transactions that these scenes kill.
pub(super) const TRANSACTIONS: &[&str] = &[
    "authorize_batch",
    "register_batch",
    "complete_split",
    "fail_job",
    "expire_lease",
    "announce_again",
    "lapse_lock",
];

/// At a statement, before the end, and after it.
fn plans(transaction: &str) -> [String; 3] {
    [Point::Statement, Point::Commit, Point::Committed]
        .map(|point| format!("{}@{transaction}", point.as_str()))
}

#[tokio::test]
async fn a_scan_of_many_copies_is_taken_apart_once_wherever_grading_is_killed() {
    let mut system = System::builder().impatient().start().await;
    let teacher = system.teacher().await;
    let exam = system.exam_on(4, Layout::A3Folded).await;
    let transactions = ["authorize_batch", "register_batch", "complete_split"];
    let plans: Vec<String> = transactions.into_iter().flat_map(plans).collect();
    for (number, plan) in (0..).zip(&plans) {
        let mut scan = corpus::numbered(&[&[4, 1], &[2, 3], &[8, 5], &[6, 7]]);
        scan.extend(format!("\n% {number}\n").into_bytes());
        armed(&mut system, plan).await;
        let send = async || {
            let key = format!("scan-{number}");
            teacher.upload_batch(Upload::new(&exam, scan.clone(), &key)).await
        };
        // Whoever is not answered sends it again.
        let first = send().await;
        killed(&mut system, plan).await;
        if first.status != 202 {
            assert!([503, 504].contains(&first.status), "{plan}: {}", first.status);
            eventually("the scan to be taken", async || match send().await.status {
                202 => Ok(()),
                other => Err(other),
            })
            .await;
        }
        system.settle_in_a_hurry().await;
        let copies = system.count("SELECT count(*) FROM grading.copies WHERE page_count = 4");
        assert_eq!(copies, 2 * (number + 1), "{plan}");
    }
    evidence(format_args!("killed {} times: {}", plans.len(), plans.join(" ")));
}

#[tokio::test]
async fn a_failure_is_recorded_once_wherever_grading_is_killed() {
    let mut system = System::builder().impatient().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let plans = plans("fail_job");
    for plan in &plans {
        armed(&mut system, plan).await;
        let mut document = corpus::zero_pages();
        document.extend(format!("\n% {plan}\n").into_bytes());
        let copy = teacher.upload(Upload::new(&exam, document, plan)).await;
        let copy = copy.expect(202).text("/copy_id");
        killed(&mut system, plan).await;
        system.settle_in_a_hurry().await;
        let failed = "action = 'IMPORT' AND metadata -> 'success' = 'false'";
        assert_eq!(events(&system, &copy, failed), 1, "{plan}");
    }
    evidence(format_args!("killed {} times: {}", plans.len(), plans.join(" ")));
}

#[tokio::test]
async fn a_job_whose_worker_died_is_given_to_another_once_wherever_grading_is_killed() {
    let mut system = System::builder().impatient().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let plans = plans("expire_lease");
    for (number, plan) in (700..).zip(&plans) {
        let bar = system.database.bar("grading.pages");
        let upload = Upload::new(&exam, corpus::scan(1, number), plan);
        let copy = teacher.upload(upload).await.expect(202).text("/copy_id");
        bar.reached().await;
        system.workers.first_mut().unwrap().kill();
        // What it was held back at dies with it.
        system.grading.kill();
        drop(bar);
        system.grading.arm(plan);
        system.grading.launch();
        killed(&mut system, plan).await;
        system.worker().restart().await;
        system.settle_in_a_hurry().await;
        let imported = "action = 'IMPORT' AND metadata -> 'success' = 'true'";
        assert_eq!(events(&system, &copy, imported), 1, "{plan}");
    }
    evidence(format_args!("killed {} times: {}", plans.len(), plans.join(" ")));
}

#[tokio::test]
async fn a_message_that_was_lost_comes_again_wherever_grading_is_killed() {
    let mut system = System::builder().impatient().start().await;
    let (teacher, exam) = (system.teacher().await, system.exam().await);
    let plans = plans("announce_again");
    for (number, plan) in (720..).zip(&plans) {
        system.worker().kill();
        let upload = Upload::new(&exam, corpus::scan(1, number), plan);
        let copy = teacher.upload(upload).await.expect(202).text("/copy_id");
        system.broker.wait_for_depth("korrigo.pdf.import", 1).await;
        system.grading.kill();
        system.broker.purge("korrigo.pdf.import").await;
        system.grading.arm(plan);
        system.grading.launch();
        killed(&mut system, plan).await;
        system.worker().restart().await;
        system.settle_in_a_hurry().await;
        assert_eq!(events(&system, &copy, "action = 'IMPORT'"), 1, "{plan}");
    }
    evidence(format_args!("killed {} times: {}", plans.len(), plans.join(" ")));
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
    let plans = plans("lapse_lock");
    for plan in &plans {
        let upload = Upload::new(&exam, corpus::marked(plan), plan);
        let copy = teacher.upload(upload).await.expect(202).text("/copy_id");
        system.settle().await;
        let path = format!("/copies/{copy}");
        let nothing = serde_json::json!({});
        admin
            .post(&format!("{path}/validate"), &nothing)
            .await
            .expect(200);
        teacher.post(&format!("{path}/lock"), &nothing).await.expect(201);
        system.grading.kill();
        system.database.run(&format!(
            "UPDATE grading.locks SET expires_at = now() - interval '1 second' WHERE copy_id = '{copy}'"
        ));
        system.grading.arm(plan);
        system.grading.launch();
        killed(&mut system, plan).await;
        eventually("the lock to end", async || {
            match events(&system, &copy, "action = 'UNLOCK'") {
                1 => Ok(()),
                other => Err(other),
            }
        })
        .await;
        let left = format!("SELECT count(*) FROM grading.locks WHERE copy_id = '{copy}'");
        assert_eq!(system.count(&left), 0, "{plan}");
    }
    evidence(format_args!("killed {} times: {}", plans.len(), plans.join(" ")));
}
