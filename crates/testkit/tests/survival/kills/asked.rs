//! What is asked for that no key protects, or by an operator: who is not answered asks again, or looks first, and it is done once.

use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Client, System, Upload, corpus};

use super::office::{Act, answer, done_once};
use super::places::Places;
use super::{armed, killed};
use crate::corrector::Corrector;

/// The transactions that these scenes kill.
pub(super) const TRANSACTIONS: &[&str] = &[
    "cancel_job",
    "retry_job",
    "retry_import",
    "create_exam",
    "erase_copy",
];

#[tokio::test]
async fn a_job_is_called_off_and_begun_again_once_wherever_grading_is_killed() {
    let mut system = System::start().await;
    let (admin, exam) = (system.admin().await, system.exam().await);
    let mut places = Places::one(0, &["cancel_job", "retry_job", "retry_import"]);
    while let Some(plan) = places.next() {
        // Nobody does what is called off.
        system.worker().kill();
        let upload = Upload::new(&exam, corpus::marked(&plan), &plan);
        let uploaded = admin.upload(upload).await.expect(202);
        let (copy, job) = (uploaded.text("/copy_id"), uploaded.text("/job/id"));
        let ask = |path: &str| admin.request(Method::POST, path).json(&Value::Null);
        let (cancel, retry) = (
            format!("/jobs/{job}/cancel"),
            format!("/copies/{copy}/retry-import"),
        );
        let jobs = format!("SELECT count(*) FROM grading.jobs WHERE copy_id = '{copy}'");
        let died = if plan.contains("@cancel_job") {
            let act = Act {
                ask: ask(&cancel),
                told: &[202, 409],
                done: format!("{jobs} AND state = 'CANCELLED'"),
            };
            let died = done_once(&mut system, &act, &plan).await;
            Client::send(ask(&retry)).await.expect(202);
            died
        } else {
            Client::send(ask(&cancel)).await.expect(202);
            if plan.contains("@retry_job") {
                commanded_once(&mut system, &["jobs", "retry", &job], &jobs, &plan).await
            } else {
                let act = Act {
                    ask: ask(&retry),
                    told: &[202, 409],
                    done: jobs,
                };
                done_once(&mut system, &act, &plan).await
            }
        };
        places.was(&plan, died);
        system.worker().restart().await;
        system.settle().await;
        let imports = format!(
            "SELECT count(*) FROM grading.grading_events WHERE copy_id = '{copy}' AND action = 'IMPORT' AND metadata -> 'success' = "
        );
        let imports = ["'true'", "'false'"].map(|success| system.count(&format!("{imports}{success}")));
        assert_eq!(imports, [1, 1], "{plan}: imported once, called off once");
    }
    places.tell();
}

/// Has grading die at a place of an operator's command, gives the command again, and counts what was done. Whether it has died.
async fn commanded_once(system: &mut System, words: &[&str], done: &str, plan: &str) -> bool {
    let before = system.count(done);
    armed(system, plan).await;
    let died = !system.operate(words).status.success();
    if died {
        killed(system, plan).await;
        // It may be refused, as it was done.
        system.operate(words);
    }
    assert_eq!(system.count(done) - before, 1, "{plan}");
    died
}

#[tokio::test]
async fn an_exam_is_made_whole_or_not_at_all_wherever_grading_is_killed() {
    let mut system = System::start().await;
    let admin = system.admin().await;
    let mut places = Places::one(1, &["create_exam"]);
    while let Some(plan) = places.next() {
        let exam = json!({"name": plan, "date": "2026-06-15", "classes": ["1re B"], "correctors": [system.teacher_id()]});
        let act = Act {
            ask: admin.request(Method::POST, "/exams").json(&exam),
            told: &[201],
            done: format!(
                "SELECT count(*) FROM grading.exams JOIN grading.exam_classes ON exam_id = id
                 JOIN grading.exam_correctors USING (exam_id) WHERE name = '{plan}'"
            ),
        };
        armed(&mut system, &plan).await;
        let died = answer(&mut system, &act).await.is_none();
        if died {
            killed(&mut system, &plan).await;
            // Who is not answered looks before they ask again.
            if system.count(&act.done) == 0 {
                assert!(!plan.contains("committed"), "{plan}");
                assert_eq!(answer(&mut system, &act).await, Some(201), "{plan}");
            }
        }
        places.was(&plan, died);
        let named = format!("SELECT count(*) FROM grading.exams WHERE name = '{plan}'");
        assert_eq!((system.count(&named), system.count(&act.done)), (1, 1), "{plan}");
    }
    places.tell();
}

#[tokio::test]
async fn a_copy_that_is_kept_no_longer_is_erased_whole_or_not_at_all_wherever_grading_is_killed() {
    let mut system = System::builder()
        .setting("KORRIGO_RETENTION_COPIES", "365")
        .setting("KORRIGO_RETENTION_PUPILS", "730")
        .start()
        .await;
    let admin = system.admin().await;
    let mut places = Places::one(0, &["erase_copy"]);
    let mut number = 740;
    while let Some(plan) = places.next() {
        number += 1;
        let copy = Corrector::of(&system).await.correct(number).await;
        let exam = format!("/exams/{}", copy.exam);
        let seen = admin.get(&exam).await;
        let long_ago = admin
            .request(Method::PATCH, &exam)
            .json(&json!({"date": "2020-01-15"}));
        Client::send(long_ago.header("If-Match", seen.header("etag")))
            .await
            .expect(200);
        system.settle().await;
        let id = &copy.id;
        let erased = format!(
            "SELECT count(*) FROM grading.grading_events WHERE copy_id = '{id}' AND action = 'ERASE'"
        );
        let purge = ["retention", "purge", "--yes"];
        places.was(&plan, commanded_once(&mut system, &purge, &erased, &plan).await);
        for left in ["annotations", "remarks", "appreciations", "drafts"] {
            let written = if left == "drafts" { "payload" } else { "copy_id" };
            let left = format!("SELECT count({written}) FROM grading.{left} WHERE copy_id = '{id}'");
            assert_eq!(system.count(&left), 0, "{plan}: {left}");
        }
    }
    places.tell();
}
