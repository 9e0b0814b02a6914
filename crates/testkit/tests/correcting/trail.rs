//! No event, no change: where the trail cannot be written, nothing happens at all.

use reqwest::{Method, RequestBuilder};
use serde_json::{Value, json};
use testkit::{Client, System};

use crate::desk::{Desk, Pen, comment};

const COLUMNS: &str = "(id, copy_id, action, actor_kind, actor_id, operation_id, metadata)";

/// Counts everything that correcting changes.
const CHANGES: &[&str] = &[
    "SELECT count(*) FROM grading.grading_events",
    "SELECT coalesce(sum(version), 0) FROM grading.copies",
    "SELECT coalesce(sum(lock_fence), 0) FROM grading.copies",
    "SELECT count(*) FROM grading.copies WHERE discarded",
    "SELECT count(*) FROM grading.locks",
    "SELECT count(*) FROM grading.jobs",
    "SELECT count(*) FROM grading.outbox",
    "SELECT count(*) FROM grading.annotations",
    "SELECT coalesce(sum(version), 0) FROM grading.annotations",
    "SELECT coalesce(sum(quarters), 0) FROM grading.scores",
    "SELECT count(*) FROM grading.remarks",
    "SELECT count(*) FROM grading.appreciations",
];

#[tokio::test]
async fn where_no_event_can_be_written_nothing_changes_and_later_everything_works_without_a_restart() {
    let system = System::start().await;
    let (teacher, admin) = (system.teacher().await, system.admin().await);
    let correctors = [system.teacher_id()];
    let staging = Desk::imported_for(&system, &correctors).await;
    let (ready, locked) = (Desk::ready(&system).await, Desk::ready(&system).await);
    let graded = Desk::ready(&system).await;
    graded.grade(&teacher).await;
    let pen = Pen::take(&teacher, &locked.copy).await;
    let made = Client::send(pen.annotate("an-annotation", &comment("Avant."))).await;
    let annotation = made.expect(201).text("/id");

    let command = |client: &Client, path: String, body: Value| -> RequestBuilder {
        client.request(Method::POST, &path).json(&body)
    };
    let reason = json!({"reason": "other"});
    let before = changes(&system);
    system
        .database
        .run("REVOKE INSERT ON grading.grading_events FROM korrigo_app");
    for (what, request) in [
        ("validate", command(&teacher, staging.at("/validate"), json!({}))),
        ("discard", command(&admin, staging.at("/discard"), reason.clone())),
        ("lock", command(&teacher, ready.at("/lock"), json!({}))),
        ("annotate", pen.annotate("another-annotation", &comment("Après."))),
        ("amend", pen.amend(&annotation, 0, &json!({"text": "Après."}))),
        ("erase", pen.erase(&annotation, 0)),
        ("score", pen.score("2", Some("3"))),
        ("remark", pen.remark("2", "Après.")),
        ("appreciate", pen.appreciate("Après.")),
        ("finalize", pen.finalize("a-finalize-in-vain")),
        ("release", pen.release()),
        (
            "force",
            command(&admin, locked.at("/lock/force-release"), reason.clone()),
        ),
        ("reopen", command(&admin, graded.at("/reopen"), reason)),
        ("export", teacher.request(Method::GET, &graded.at("/final.pdf"))),
    ] {
        let answer = Client::send(request).await;
        assert_eq!(
            (answer.status, answer.text("/code").as_str()),
            (503, "unavailable"),
            "{what}"
        );
        assert!(!answer.body.starts_with(b"%PDF"), "{what}");
    }
    assert_eq!(changes(&system), before);

    let grant = format!("GRANT INSERT {COLUMNS} ON grading.grading_events TO korrigo_app");
    system.database.run(&grant);
    teacher
        .post(&staging.at("/validate"), &json!({}))
        .await
        .expect(200);
    Client::send(pen.annotate("another-annotation", &comment("Après.")))
        .await
        .expect(201);
    Client::send(pen.finalize("a-finalize-in-vain")).await.expect(202);
    system.settle().await;
    teacher.get(&locked.at("/final.pdf")).await.expect(200);
    assert_eq!(locked.times("CREATE_ANN").await, 2);
}

fn changes(system: &System) -> Vec<i64> {
    CHANGES.iter().map(|query| system.count(query)).collect()
}
