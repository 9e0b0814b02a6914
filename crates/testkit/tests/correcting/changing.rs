//! Scores of many copies, changed at once: what each takes, what is told of it, and what stays.

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, Client, Reading, System};

use crate::desk::{Desk, Pen, items, set_scheme, text};

async fn change(admin: &Client, exam: &str, key: &str, body: &Value) -> Answer {
    let request = admin.request(Method::POST, &format!("/exams/{exam}/change-sets"));
    Client::send(request.header("Idempotency-Key", key).json(body)).await
}

/// A graded copy with 12.5 points of 20, all of them of question 2.
async fn graded(system: &System) -> Desk<'_> {
    let desk = Desk::ready(system).await;
    desk.grade(&system.teacher().await).await;
    desk
}

/// What the trail says of changes.
async fn told(desk: &Desk<'_>) -> Vec<Value> {
    let events = desk.events().await.into_iter();
    let corrections = events.filter(|event| text(event, "/action") == "CORRECTION");
    corrections.map(|event| event["metadata"].clone()).collect()
}

#[tokio::test]
async fn a_change_stands_beside_what_the_corrector_gave_and_the_document_says_so() {
    let system = System::start().await;
    let desk = graded(&system).await;
    let (admin, teacher) = (system.admin().await, system.teacher().await);
    let body = json!({
        "reason_code": "marking_error", "reason": "Question ambiguë.", "delta": "0.5", "question_id": "2",
    });
    let answer = change(&admin, &desk.exam, "one", &body).await.expect(201);
    let id = answer.text("/change_set_id");
    let changed = json!([{
        "copy_id": desk.copy, "delta": "0.5", "score": "13", "job_id": answer.text("/changed/0/job_id"),
    }]);
    assert_eq!(answer.json()["changed"], changed);
    system.settle().await;
    let again = change(&admin, &desk.exam, "one", &body).await.expect(201);
    assert_eq!(again.json(), answer.json());
    let other = json!({"reason_code": "other", "delta": "1"});
    change(&admin, &desk.exam, "one", &other)
        .await
        .expect_problem(422, "idempotency_mismatch");

    let seen = desk.seen_by(&teacher).await;
    assert_eq!(
        (text(&seen, "/status"), text(&seen, "/score")),
        ("GRADED".to_owned(), "13".to_owned())
    );
    let marks = teacher.get(&desk.at("/scores")).await.expect(200).json();
    assert_eq!(marks["scores"], json!([{"question_id": "2", "points": "12.5"}]));
    let adjustment = json!({
        "change_set_id": id, "reason_code": "marking_error", "question_id": "2", "delta": "0.5",
    });
    assert_eq!(
        (&marks["adjustments"], text(&marks, "/total")),
        (&json!([adjustment]), "13".to_owned())
    );
    let said = json!({"change_set_id": id, "delta": "0.5", "score": "13", "max": "20"});
    assert_eq!(told(&desk).await, [said]);
    let sets = teacher.get(&format!("/exams/{}/change-sets", desk.exam)).await;
    let sets = items(&sets.expect(200).json());
    assert_eq!(
        (
            text(&sets[0], "/reason"),
            text(&sets[0], "/delta"),
            &sets[0]["copies"]
        ),
        ("Question ambiguë.".to_owned(), "0.5".to_owned(), &json!(1))
    );
    let document = admin.get(&desk.at("/final.pdf")).await.expect(200);
    let written = Reading::of(&document.body).text;
    assert!(
        written.contains("13") && written.contains("Ajustements"),
        "{written}"
    );
    assert_eq!(desk.rows("documents"), 2);
    // Less than what it has now cannot be what the question is worth.
    set_scheme(&admin, &desk.exam, "12.75")
        .await
        .expect_problem(409, "scheme_in_use");
    set_scheme(&admin, &desk.exam, "13").await.expect(200);
}

#[tokio::test]
async fn a_copy_takes_what_it_has_room_for_and_one_that_is_not_graded_takes_nothing() {
    let system = System::start().await;
    let desk = graded(&system).await;
    let admin = system.admin().await;
    let body = |delta: &str| json!({"reason_code": "appeal", "delta": delta, "copies": [desk.copy]});
    let up = change(&admin, &desk.exam, "up", &body("100")).await.expect(201);
    assert_eq!(
        (up.text("/changed/0/delta"), up.text("/changed/0/score")),
        ("7.5".to_owned(), "20".to_owned())
    );
    // Its document is being made, or was.
    system.settle().await;
    let full = change(&admin, &desk.exam, "full", &body("0.25"))
        .await
        .expect(201);
    assert_eq!(full.json()["unchanged"], json!([desk.copy]));
    let down = change(&admin, &desk.exam, "down", &body("-30")).await.expect(201);
    assert_eq!(down.text("/changed/0/score"), "0");
    system.settle().await;

    // The corrector begins again: what was changed is still there, and never leads out of bounds.
    let reason = json!({"reason": "appeal"});
    admin.post(&desk.at("/reopen"), &reason).await.expect(200);
    change(&admin, &desk.exam, "too-late", &body("1"))
        .await
        .expect_problem(409, "not_graded");
    let pen = Pen::take(&system.teacher().await, &desk.copy).await;
    let marks = Client::send(pen.score("2", Some("15"))).await.expect(200);
    assert_eq!(marks.text("/total"), "0");
    Client::send(pen.finalize("after-all")).await.expect(202);
    system.settle().await;
    assert_eq!(text(&desk.seen_by(&admin).await, "/score"), "0");
    let all = json!({"reason_code": "other", "delta": "2"});
    let all = change(&admin, &desk.exam, "all", &all).await.expect(201);
    assert_eq!(all.text("/changed/0/score"), "2");
    system.settle().await;
}

#[tokio::test]
async fn what_is_no_change_is_refused_and_so_is_one_of_released_results() {
    let system = System::start().await;
    let desk = graded(&system).await;
    let admin = system.admin().await;
    for (body, status, code) in [
        (json!({"reason_code": "other", "delta": "0"}), 422, "invalid"),
        (json!({"reason_code": "other"}), 422, "invalid"),
        (json!({"reason_code": "other", "delta": "0.1"}), 422, "invalid"),
        (json!({"reason_code": "because", "delta": "1"}), 422, "invalid"),
        (
            json!({"reason_code": "other", "delta": "1", "question_id": "9"}),
            404,
            "unknown_question",
        ),
        (
            json!({"reason_code": "other", "delta": "1", "copies": [desk.exam]}),
            409,
            "not_graded",
        ),
    ] {
        change(&admin, &desk.exam, "refused", &body)
            .await
            .expect_problem(status, code);
    }
    desk.release(&admin).await;
    let body = json!({"reason_code": "other", "delta": "1"});
    change(&admin, &desk.exam, "released", &body)
        .await
        .expect_problem(409, "wrong_state");
    assert!(told(&desk).await.is_empty());
}

#[tokio::test]
async fn of_two_changes_at_once_the_second_finds_the_copy_at_work() {
    let system = System::start().await;
    let desk = graded(&system).await;
    let admin = system.admin().await;
    let body = json!({"reason_code": "other", "delta": "1"});
    let keys = ["left", "right"];
    let answers = join_all(keys.map(|key| change(&admin, &desk.exam, key, &body))).await;
    system.settle().await;
    // Unless its document was made in between: then both count.
    let done = answers.iter().filter(|answer| answer.status == 201).count();
    let score = text(&desk.seen_by(&admin).await, "/score");
    assert_eq!(
        (told(&desk).await.len(), score),
        (done, format!("{}.5", 12 + done))
    );
    assert!(done >= 1);
}
