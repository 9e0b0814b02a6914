//! Forgetting what nobody sees any more: what was put aside, scans that could not be taken apart, and words about others.

use domain::Role;
use reqwest::Method;
use serde_json::json;
use testkit::{Client, System, Upload, corpus};

use crate::desk::{Desk, change_exam};
use crate::erasing::swept;

/// The id of the pupil who is known to have written a copy.
async fn pupil_of(system: &System, copy: &str) -> String {
    let pupil = system.newcomers(Role::Student, 1).await.remove(0);
    system.database.wrote(&pupil.id, copy)
}

async fn put_aside(system: &System, copy: &str) {
    let admin = system.admin().await;
    let reason = json!({"reason": "bad_scan"});
    admin
        .post(&format!("/copies/{copy}/discard"), &reason)
        .await
        .expect(200);
}

/// A scan of an exam that is no document.
async fn spoilt(system: &System, exam: &str) {
    let pages = json!({"pages_per_copy": 2});
    change_exam(&system.admin().await, exam, &pages).await.expect(200);
    let upload = Upload::new(exam, corpus::truncated(), "a-scan-that-broke");
    system.teacher().await.upload_batch(upload).await.expect(202);
    system.settle().await;
}

fn purge(system: &System) -> String {
    let operator = ["retention", "purge", "--yes", "--operator", system.admin_login()];
    let output = system.operate(&operator);
    assert_eq!(output.status.code(), Some(0));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

#[tokio::test]
async fn a_copy_that_was_put_aside_and_scans_that_broke_go_with_their_pupil() {
    let system = System::builder().sweeping().start().await;
    let desk = Desk::imported_for(&system, &[system.teacher_id()]).await;
    let (admin, exam) = (system.admin().await, desk.exam.clone());
    spoilt(&system, &exam).await;
    let student = pupil_of(&system, &desk.copy).await;
    put_aside(&system, &desk.copy).await;
    let files = system.database.texts(&format!(
        "SELECT encode(source_digest, 'hex') FROM grading.booklets WHERE copy_id = '{copy}'
         UNION SELECT encode(display_digest, 'hex') FROM grading.pages WHERE copy_id = '{copy}'
         UNION SELECT encode(source_digest, 'hex') FROM grading.batches WHERE status = 'FAILED'",
        copy = desk.copy
    ));
    assert!(files.len() >= 3 && files.iter().all(|file| system.blob(file).is_some()));
    admin.delete(&format!("/students/{student}")).await.expect(204);
    swept(&system, &files).await;
    let trail = format!(
        "SELECT action FROM grading.grading_events WHERE copy_id = '{}' ORDER BY seq DESC LIMIT 3",
        desk.copy
    );
    assert_eq!(system.database.texts(&trail), ["ERASE", "DISCARD", "IDENTIFY"]);
    assert_eq!(system.operate(&["audit", "verify"]).status.code(), Some(0));
}

#[tokio::test]
async fn what_was_put_aside_and_what_broke_is_kept_for_its_own_time() {
    let system = System::builder()
        .setting("KORRIGO_RETENTION_DISCARDED", "30")
        .start()
        .await;
    let aside = Desk::imported_for(&system, &[system.teacher_id()]).await;
    let (other, admin) = (Desk::ready(&system).await, system.admin().await);
    put_aside(&system, &aside.copy).await;
    spoilt(&system, &aside.exam).await;
    // What gave its pages away is put aside, too.
    let given = other.another("given-away").await;
    let merged = json!({"other_id": given});
    admin.post(&other.at("/merge"), &merged).await.expect(200);
    assert!(purge(&system).starts_with("erased 0 copies, 0 pupils and 0 scans, 0 left"));
    system.database.run(
        "SET session_replication_role = replica;
         UPDATE grading.copies SET updated_at = now() - interval '31 days';
         UPDATE grading.batches SET ended_at = now() - interval '31 days'",
    );
    let report = system.operate(&[
        "retention",
        "report",
        "--json",
        "--operator",
        system.admin_login(),
    ]);
    let report: serde_json::Value = serde_json::from_slice(&report.stdout).unwrap();
    assert_eq!(report["scans"], 1);
    assert!(purge(&system).starts_with("erased 2 copies, 0 pupils and 1 scans, 0 left"));
    let erased = "SELECT count(*) FROM grading.copies WHERE erased";
    assert_eq!(system.count(erased), 2);
    admin.get(&other.at("/pages/1?size=thumb")).await.expect(200);
    assert_eq!(system.operate(&["audit", "verify"]).status.code(), Some(0));
}

#[tokio::test]
async fn words_about_changed_scores_go_also_where_the_score_of_the_pupil_stayed() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let admin = system.admin().await;
    desk.grade(&system.teacher().await).await;
    let words = "Quintillien l'a vu";
    let change = json!({"reason_code": "other", "reason": words, "delta": "-0.5", "question_id": "1.a"});
    let request = admin.request(Method::POST, &format!("/exams/{}/change-sets", desk.exam));
    let answer = Client::send(request.header("Idempotency-Key", "nothing").json(&change)).await;
    assert_eq!(answer.expect(201).json()["changed"], json!([]));
    let told = format!(
        "SELECT count(*) FROM grading.change_sets WHERE reason = '{}'",
        words.replace('\'', "''")
    );
    assert_eq!(system.count(&told), 1);
    let student = pupil_of(&system, &desk.copy).await;
    // The day of the exam is not over: only what the pupil asks for is forgotten.
    change_exam(&admin, &desk.exam, &json!({"date": "2030-01-15"}))
        .await
        .expect(200);
    admin.delete(&format!("/students/{student}")).await.expect(204);
    assert_eq!(system.count(&told), 0);
}
