//! The whole way of one copy, as it goes when nothing is in its way.

use domain::Digest;
use reqwest::Method;
use serde_json::{Value, json};
use testkit::{Answer, Client, Reading, System};

use crate::desk::{Desk, Pen, comment, items, text, version};

const COMMENT: &str = "Bien vu, à préciser.";
const SECOND_THOUGHT: &str = "Bien vu.";
const REGRETTED: &str = "Hors sujet !";
const REMARK: &str = "Relisez le deuxième paragraphe.";
const APPRECIATION: &str = "Un travail honnête ; continuez.";

#[tokio::test]
async fn a_copy_goes_from_upload_to_its_corrected_document_and_every_step_has_its_event() {
    let system = System::start().await;
    let desk = Desk::ready(&system).await;
    let teacher = system.teacher().await;
    let pen = Pen::take(&teacher, &desk.copy).await;

    annotations(&pen).await;
    marks(&pen).await;
    let beat = Client::send(pen.heartbeat()).await.expect(200);
    assert!(!beat.text("/expires_at").is_empty());
    let accepted = Client::send(pen.finalize("the-only-finalize")).await.expect(202);
    let location = format!("/api/v1/jobs/{}", accepted.text("/job/id"));
    assert_eq!(accepted.header("location"), location);
    system.settle().await;

    graded(&desk, &teacher).await;
    let documents = documents(&desk, &teacher).await;
    trail(&desk, &documents).await;
}

/// Two are made, one is changed, the other taken away.
async fn annotations(pen: &Pen) {
    let mut first_body = comment(COMMENT);
    first_body["score_delta"] = json!("0.25");
    first_body["question_id"] = json!("1.a");
    let first = Client::send(pen.annotate("first-annotation", &first_body)).await;
    let first = first.expect(201);
    assert_eq!(first.header("etag"), version(0));
    let second = Client::send(pen.annotate("second-annotation", &comment(REGRETTED))).await;
    let (first, second) = (first.text("/id"), second.expect(201).text("/id"));

    let unguarded = pen
        .request(Method::PATCH, &format!("/annotations/{first}"))
        .json(&json!({"text": SECOND_THOUGHT}));
    Client::send(unguarded)
        .await
        .expect_problem(428, "version_required");
    let change = json!({"text": SECOND_THOUGHT});
    let changed = Client::send(pen.amend(&first, 0, &change)).await.expect(200);
    assert_eq!(changed.header("etag"), version(1));
    Client::send(pen.amend(&first, 0, &change))
        .await
        .expect_problem(412, "stale_version");
    Client::send(pen.erase(&second, 7))
        .await
        .expect_problem(412, "stale_version");
    Client::send(pen.erase(&second, 0)).await.expect(204);

    let left = pen.client.get(&format!("/copies/{}/annotations", pen.copy)).await;
    let left = items(&left.expect(200).json());
    let words: Vec<_> = left.iter().map(|annotation| text(annotation, "/text")).collect();
    assert_eq!(words, [SECOND_THOUGHT]);
}

/// 2.25 and 12.5 for questions and a quarter for the annotation: 15 of 20.
async fn marks(pen: &Pen) {
    Client::send(pen.score("1.a", Some("2.25"))).await.expect(200);
    let scored = Client::send(pen.score("2", Some("12.5"))).await.expect(200);
    assert_eq!(
        (scored.text("/total").as_str(), scored.text("/max").as_str()),
        ("15", "20")
    );
    for (question, points, code) in [("2", "15.25", "above_max"), ("2", "-0.25", "negative")] {
        let refused = Client::send(pen.score(question, Some(points))).await.expect(422);
        assert_eq!(refused.text("/errors/0/code"), code);
        assert_eq!(refused.text("/errors/0/pointer"), "/points");
    }
    Client::send(pen.score("1", Some("1")))
        .await
        .expect_problem(404, "unknown_question");
    Client::send(pen.remark("1.a", REMARK)).await.expect(200);
    Client::send(pen.appreciate(APPRECIATION)).await.expect(200);
}

async fn graded(desk: &Desk<'_>, teacher: &Client) {
    let copy = desk.seen_by(teacher).await;
    let seen = ["/status", "/score", "/max", "/finalize_job/state"].map(|part| text(&copy, part));
    assert_eq!(seen, ["GRADED", "15", "20", "SUCCEEDED"]);
    assert_eq!(copy.pointer("/retries"), Some(&json!(0)));
    assert_eq!(copy.pointer("/lock"), Some(&Value::Null));
}

/// The teacher's document and the administrator's, read with another reader.
async fn documents(desk: &Desk<'_>, teacher: &Client) -> [Answer; 2] {
    let admin = desk.system.admin().await;
    let shown = teacher.get(&desk.at("/final.pdf")).await.expect(200);
    let kept = admin.get(&desk.at("/final.pdf?download=1")).await.expect(200);
    assert!(shown.header("content-disposition").starts_with("inline"));
    assert!(kept.header("content-disposition").starts_with("attachment"));
    let name = text(&desk.seen_by(teacher).await, "/anonymous_id");
    for document in [&shown, &kept] {
        assert_eq!(document.header("content-type"), "application/pdf");
        assert!(document.header("cache-control").contains("no-store"));
        let reading = Reading::of(&document.body);
        assert_eq!(reading.pages, 3, "two of the copy and one of the report");
        for words in [SECOND_THOUGHT, REMARK, APPRECIATION, &name, "12,5", "15"] {
            assert!(reading.text.contains(words), "{words} in {}", reading.text);
        }
        assert!(!reading.text.contains(REGRETTED), "{}", reading.text);
    }
    let original = Reading::of(&kept.body).text;
    for words in [
        "Page 1, line 1 of an invented text",
        "Page 2, line 40 of an invented text",
    ] {
        assert!(original.contains(words), "{original}");
    }
    [shown, kept]
}

async fn trail(desk: &Desk<'_>, [shown, kept]: &[Answer; 2]) {
    let events = desk.events().await;
    let actions: Vec<_> = events.iter().map(|event| text(event, "/action")).collect();
    let expected = [
        "IMPORT",
        "VALIDATE",
        "LOCK",
        "CREATE_ANN",
        "CREATE_ANN",
        "UPDATE_ANN",
        "DELETE_ANN",
        "SCORE",
        "SCORE",
        "REMARK",
        "REMARK",
        "UNLOCK",
        "FINALIZE",
        "EXPORT",
        "EXPORT",
    ];
    assert_eq!(actions, expected);
    let said = |action: &str| {
        let found = events.iter().filter(|event| text(event, "/action") == action);
        found
            .map(|event| event.pointer("/metadata").cloned().unwrap_or_default())
            .collect::<Vec<_>>()
    };
    let finalized = json!({
        "final_score": "15", "max_score": "20", "retries": 0, "success": true,
        "pdf_sha256": Digest::of(&kept.body).to_string(),
    });
    assert_eq!(said("FINALIZE"), [finalized]);
    let handed_out: Vec<_> = said("EXPORT").iter().map(|said| text(said, "/sha256")).collect();
    let bytes = [shown, kept].map(|document| Digest::of(&document.body).to_string());
    assert_eq!(handed_out, bytes);
    for said in said("UPDATE_ANN") {
        assert_eq!(said.pointer("/fields"), Some(&json!(["text"])));
    }
    let whole = Value::from(events).to_string();
    for words in [COMMENT, SECOND_THOUGHT, REGRETTED, REMARK, APPRECIATION] {
        assert!(!whole.contains(words), "{words}");
    }
}
