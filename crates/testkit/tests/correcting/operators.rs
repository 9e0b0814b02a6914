//! What operators see of a system that stands still, and how they bring it on.

use std::process::Output;

use serde_json::Value;
use testkit::{Client, System, Upload, corpus, eventually};

use crate::desk::{Desk, Pen, text};
use crate::finalize::failed_for_good;

/// What a command printed, and how it ended.
pub(crate) fn ended(output: &Output) -> (i32, String) {
    (output.status.code().unwrap(), testkit::text(output))
}

/// The verdict, and how the command ended.
pub(crate) fn verdict(system: &System, arguments: &[&str]) -> (i32, String) {
    let output = system.operate(&[&["diagnose"], arguments, &["--json"]].concat());
    let (code, printed) = ended(&output);
    let seen: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{printed}"));
    (code, text(&seen, "/verdict"))
}

async fn last_actor(desk: &Desk<'_>, action: &str) -> String {
    let events = desk.events().await;
    let last = events.iter().rfind(|event| text(event, "/action") == action);
    text(last.unwrap(), "/actor_type")
}

#[tokio::test]
async fn an_operator_takes_a_copy_from_its_corrector_and_the_trail_says_so() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    assert_eq!(
        verdict(&system, &["copy", &desk.copy]),
        (0, "waiting_for_corrector".to_owned())
    );
    let pen = Pen::take(&system.teacher().await, &desk.copy).await;
    assert_eq!(
        verdict(&system, &["copy", &desk.copy]),
        (0, "being_corrected".to_owned())
    );
    let (code, listed) = ended(&system.operate(&["locks", "list"]));
    assert!(code == 0 && listed.contains(&desk.copy), "{listed}");

    let release = |operator: &str| {
        system.operate(&[
            "locks",
            "release",
            &desk.copy,
            "--reason",
            "corrector_absent",
            "--operator",
            operator,
        ])
    };
    for nobody in ["nobody@school.example", system.teacher_login()] {
        let (code, refused) = ended(&release(nobody));
        assert!(code == 1 && refused.contains("no administrator"), "{refused}");
    }
    let (code, released) = ended(&release(system.admin_login()));
    assert!(code == 0 && released.contains("READY"), "{released}");
    assert_eq!(last_actor(&desk, "FORCE_UNLOCK").await, "operator");
    assert_eq!(
        system.count("SELECT count(*) FROM grading.sessions WHERE of_operator"),
        0,
        "a session ends with its command"
    );
    Client::send(pen.heartbeat()).await.expect_problem(409, "expired");
}

#[tokio::test]
async fn what_has_failed_is_listed_judged_and_tried_again() {
    let system = System::start().await;
    let desk = failed_for_good(&system).await;
    assert_eq!(
        verdict(&system, &["copy", &desk.copy]),
        (1, "finalize_failed".to_owned())
    );
    let (_, listed) = ended(&system.operate(&["copies", "stuck"]));
    assert!(
        listed.contains(&desk.copy) && listed.contains("GRADING_FAILED"),
        "{listed}"
    );
    let (_, failed) = ended(&system.operate(&["jobs", "list", "--state", "FAILED"]));
    assert!(failed.contains("unknown"), "{failed}");

    let retried = system.operate(&["copies", "retry", &desk.copy, "--operator", system.admin_login()]);
    assert_eq!(retried.status.code(), Some(0), "{}", ended(&retried).1);
    system.settle().await;
    assert_eq!(verdict(&system, &["copy", &desk.copy]), (0, "done".to_owned()));
    let failed = system
        .database
        .texts("SELECT id::text FROM grading.jobs WHERE state = 'FAILED'");
    assert_eq!(
        verdict(&system, &["job", &failed.concat()]),
        (0, "tried_again".to_owned())
    );
    assert_eq!(last_actor(&desk, "RETRY").await, "operator");
}

#[tokio::test]
async fn work_that_nobody_takes_is_told_from_work_that_was_not_announced() {
    let mut system = System::builder().own_broker().start().await;
    let exam = system.exam().await;
    system.worker().kill();
    system.worker().ended();
    let (job, request) = uploaded(&system, &exam, 2).await;
    judged(&system, &job, "no_worker").await;
    assert_eq!(
        verdict(&system, &["request", &request]),
        (1, "no_worker".to_owned())
    );
    system.worker().restart().await;
    system.settle().await;
    assert_eq!(verdict(&system, &["job", &job]), (0, "done".to_owned()));
    the_story_is_whole(&system, &job, &request);

    system.rabbitmq.as_mut().unwrap().stop().unwrap();
    let (job, _) = uploaded(&system, &exam, 3).await;
    judged(&system, &job, "not_announced").await;
    system.rabbitmq.as_mut().unwrap().restart().unwrap();
    system.settle().await;
    assert_eq!(verdict(&system, &["job", &job]), (0, "done".to_owned()));
    let nothing = system.operate(&["diagnose", "job", "00000000-0000-0000-0000-000000000001"]);
    let (code, told) = ended(&nothing);
    assert!(code == 2 && told.contains("there is no such thing"), "{told}");
}

/// Whichever way somebody asks, the copy is there with its events, and the trace also when the message is forgotten.
fn the_story_is_whole(system: &System, job: &str, request: &str) {
    system.database.run("DELETE FROM grading.outbox");
    for about in [["job", job], ["request", request]] {
        let output = system.operate(&[&["diagnose"], about.as_slice(), &["--json"]].concat());
        let seen: Value = serde_json::from_slice(&output.stdout).unwrap();
        assert_eq!(text(&seen, "/copies/0/status"), "STAGING");
        let event = seen.pointer("/events/0").unwrap();
        assert_eq!(
            (text(event, "/action"), text(event, "/actor")),
            ("IMPORT".to_owned(), "service".to_owned())
        );
        assert_eq!(event.pointer("/success"), Some(&Value::Bool(true)));
        assert!(!text(event, "/actor_id").is_empty());
        assert_eq!(text(&seen, "/jobs/0/trace_id").len(), 32);
    }
    let (_, told) = ended(&system.operate(&["diagnose", "job", job]));
    assert!(
        told.contains("IMPORT by service ") && told.contains(", done"),
        "{told}"
    );
}

/// The job of a new copy with so many pages, and the request that brought it.
async fn uploaded(system: &System, exam: &str, pages: u32) -> (String, String) {
    let key = format!("a-copy-of-{pages}-pages");
    let upload = Upload::new(exam, corpus::text(pages), &key);
    let accepted = system.teacher().await.upload(upload).await.expect(202);
    (
        accepted.text("/job/id"),
        accepted.header("x-request-id").to_owned(),
    )
}

async fn judged(system: &System, job: &str, expected: &str) {
    eventually("the verdict", async || match verdict(system, &["job", job]) {
        (1, verdict) if verdict == expected => Ok(()),
        other => Err(other),
    })
    .await;
}
