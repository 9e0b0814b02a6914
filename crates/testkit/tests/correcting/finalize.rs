//! Finalizing: what is refused, what fails three times and succeeds after all, and opening again.

use std::fs;

use serde_json::{Value, json};
use testkit::{Client, System, corpus, eventually};

use crate::desk::{Desk, Pen, comment, text};

#[tokio::test]
async fn three_failures_are_three_events_and_a_retry_by_a_person_makes_the_document() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let teacher = system.teacher().await;
    let pen = Pen::take(&teacher, &desk.copy).await;
    Client::send(pen.score("2", Some("12.5"))).await.expect(200);

    let source = system.blob(&desk.source()).unwrap();
    let away = source.with_extension("away");
    fs::rename(&source, &away).unwrap();
    let accepted = Client::send(pen.finalize("a-finalize-that-fails"))
        .await
        .expect(202);
    system.given_up(&accepted.text("/job/id")).await;
    let copy = desk.seen_by(&teacher).await;
    let seen = ["/status", "/error_code", "/score"].map(|part| text(&copy, part));
    assert_eq!(seen, ["GRADING_FAILED", "unknown", "12.5"]);
    assert_eq!(copy.pointer("/retries"), Some(&json!(3)));
    let expected = [1, 2, 3].map(|retries| outcome(retries, false));
    assert_eq!(outcomes(&desk).await, expected);
    called_for(&desk).await;
    testkit::evidence(format_args!(
        "three events with success=false, retries 1 to 3, then GRADING_FAILED"
    ));

    fs::rename(&away, &source).unwrap();
    // No lock is needed any more, and the key is another: this is another wish.
    let token = String::new();
    let retry = Pen { token, ..pen };
    Client::send(retry.finalize("a-finalize-that-works"))
        .await
        .expect(202);
    system.settle().await;
    let copy = desk.seen_by(&teacher).await;
    let seen = ["/status", "/score", "/finalize_job/state"].map(|part| text(&copy, part));
    assert_eq!(seen, ["GRADED", "12.5", "SUCCEEDED"]);
    assert_eq!(outcomes(&desk).await.last(), Some(&outcome(0, true)));
    assert_eq!(desk.times("RETRY").await, 1);
    assert_eq!(desk.rows("documents"), 1);
}

/// A copy whose document could not be made, though now it could.
pub(crate) async fn failed_for_good(system: &System) -> Desk<'_> {
    let desk = Desk::ready_with(system, None, corpus::text(3)).await;
    let pen = Pen::take(&system.teacher().await, &desk.copy).await;
    let source = system.blob(&desk.source()).unwrap();
    let away = source.with_extension("away");
    fs::rename(&source, &away).unwrap();
    let accepted = Client::send(pen.finalize("a-finalize-that-failed")).await;
    system.given_up(&accepted.expect(202).text("/job/id")).await;
    fs::rename(&away, &source).unwrap();
    system.settle().await;
    desk
}

/// Somebody has to look at it, and is told once.
async fn called_for(desk: &Desk<'_>) {
    eventually("a line for the person on duty", async || {
        let lines = desk.system.log_lines();
        let of_copy = lines.iter().filter(|line| text(line, "/copy_id") == desk.copy);
        let calls = of_copy.filter(|line| text(line, "/event") == "finalize.failed");
        match calls.filter(|line| text(line, "/level") == "CRITICAL").count() {
            1 => Ok(()),
            other => Err(other),
        }
    })
    .await;
}

fn outcome(retries: u32, success: bool) -> (Value, Value) {
    (json!(retries), json!(success))
}

async fn outcomes(desk: &Desk<'_>) -> Vec<(Value, Value)> {
    let events = desk.events().await;
    let of_finalizing = events.iter().filter(|event| text(event, "/action") == "FINALIZE");
    let part = |event: &Value, name: &str| {
        let found = event.pointer(&format!("/metadata/{name}"));
        found.cloned().unwrap_or_default()
    };
    of_finalizing
        .map(|event| (part(event, "retries"), part(event, "success")))
        .collect()
}

#[tokio::test]
async fn a_score_out_of_range_is_refused_with_the_numbers_and_the_lock_stays() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let pen = Pen::take(&system.teacher().await, &desk.copy).await;
    let delta = |points: &str| {
        let mut annotation = comment("Points.");
        annotation["score_delta"] = json!(points);
        annotation
    };
    let below = Client::send(pen.annotate("a-large-malus", &delta("-0.25"))).await;
    let below = below.expect(201).text("/id");
    let refused = Client::send(pen.finalize("below-nothing")).await;
    let refused = refused.expect_problem(409, "score_out_of_range");
    assert_eq!(
        (refused.text("/total"), refused.text("/max")),
        ("-0.25".into(), "20".into())
    );

    Client::send(pen.erase(&below, 0)).await.expect(204);
    Client::send(pen.annotate("a-large-bonus", &delta("20.25")))
        .await
        .expect(201);
    let refused = Client::send(pen.finalize("above-everything")).await;
    assert_eq!(
        refused.expect_problem(409, "score_out_of_range").text("/total"),
        "20.25"
    );
    Client::send(pen.heartbeat()).await.expect(200);
    assert_eq!(desk.rows("jobs"), 1, "the import and nothing else");
}

#[tokio::test]
async fn a_graded_copy_is_not_finalized_again_and_the_same_key_gives_the_same_answer() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let pen = Pen::take(&system.teacher().await, &desk.copy).await;
    let first = Client::send(pen.finalize("finalized-once")).await.expect(202);
    system.settle().await;
    let again = Client::send(pen.finalize("finalized-once")).await.expect(202);
    assert_eq!(first.text("/job/id"), again.text("/job/id"));
    Client::send(pen.finalize("finalized-twice"))
        .await
        .expect_problem(409, "already_graded");
    Client::send(pen.score("2", Some("1")))
        .await
        .expect_problem(409, "wrong_state");
    let keyless = pen.request(reqwest::Method::POST, "/finalize");
    Client::send(keyless)
        .await
        .expect_problem(400, "missing_idempotency_key");
    assert_eq!(desk.rows("documents"), 1);
}

#[tokio::test]
async fn a_graded_copy_is_opened_again_unless_pupils_see_the_result() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let (teacher, admin) = (system.teacher().await, system.admin().await);
    teacher
        .get(&desk.at("/final.pdf"))
        .await
        .expect_problem(409, "not_graded");
    desk.grade(&teacher).await;
    let reason = json!({"reason": "marking_error"});
    desk.release(&admin).await;
    admin
        .post(&desk.at("/reopen"), &reason)
        .await
        .expect_problem(409, "wrong_state");
    let withdraw = format!("/exams/{}/release", desk.exam);
    admin.delete(&withdraw).await.expect(204);
    let reopened = admin.post(&desk.at("/reopen"), &reason).await.expect(200);
    assert_eq!(reopened.text("/status"), "READY");
    teacher
        .get(&desk.at("/final.pdf"))
        .await
        .expect_problem(409, "not_graded");

    let pen = Pen::take(&teacher, &desk.copy).await;
    Client::send(pen.score("2", Some("13"))).await.expect(200);
    Client::send(pen.finalize("corrected-again")).await.expect(202);
    system.settle().await;
    assert_eq!(text(&desk.seen_by(&teacher).await, "/score"), "13");
    assert_eq!(desk.rows("documents"), 2);
}
