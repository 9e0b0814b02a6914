//! Results: released, withdrawn, as tables, and one's own.

use contracts::Code;
use reqwest::Method;
use serde_json::{Value, json};

use crate::gateway::{Answer, Gateway};
use crate::peer::{COPY, EXAM, JOB, USER};

fn of_exam(below: &str) -> String {
    format!("/api/v1/exams/{EXAM}{below}")
}

#[tokio::test]
async fn results_are_released_also_under_a_key_and_the_release_says_where_it_is() {
    let gateway = Gateway::start().await;
    let release = || gateway.admin(Method::POST, &of_exam("/release"));
    assert_eq!(Answer::of(release()).await.status.as_u16(), 201);
    Answer::of(release().header("idempotency-key", "two words"))
        .await
        .assert_refused(400, "missing_idempotency_key");
    let answer = Answer::of(release().header("idempotency-key", "release-1")).await;
    assert_eq!(
        (answer.status.as_u16(), answer.header("location")),
        (201, of_exam("/releases/2").as_str())
    );
    let left_out = json!([{"copy_id": COPY, "code": "not_graded"}]);
    let expected = json!({"number": 2, "released": 7, "left_out": left_out, "without_pupil": [COPY]});
    assert_eq!(answer.json(), expected);
    for (code, status) in [(Code::NotGraded, 409), (Code::WrongState, 409)] {
        gateway.peer.known.refuse("release", code);
        let refused = Answer::of(release().header("idempotency-key", "release-2")).await;
        refused.assert_refused(status, code.as_str());
    }
    let withdraw = gateway.admin(Method::DELETE, &of_exam("/release"));
    assert_eq!(Answer::of(withdraw).await.status.as_u16(), 204);
}

#[tokio::test]
async fn releases_are_listed_and_say_what_changed() {
    let gateway = Gateway::start().await;
    let at = "2026-06-15T08:30:00.000000Z";
    let list = gateway.get(&of_exam("/releases")).await.json();
    assert_eq!(
        list["items"],
        json!([
            {"number": 1, "released_by": USER, "released_at": at, "withdrawn_by": USER, "withdrawn_at": at},
            {"number": 2, "released_by": USER, "released_at": at, "withdrawn_by": null, "withdrawn_at": null},
        ])
    );
    let release = gateway.get(&of_exam("/releases/2")).await.json();
    let came = json!({
        "copy_id": COPY, "previous": null, "previous_max": null, "score": "1.5", "max": "2",
        "points_changed": false, "document_changed": false,
    });
    assert_eq!(
        (&release["number"], &release["results"], &release["changes"]),
        (&json!(2), &json!(7), &json!([came]))
    );
    for nothing in ["3", "0", "x", "-1", "99999999999"] {
        let answer = gateway.get(&of_exam(&format!("/releases/{nothing}"))).await;
        answer.assert_refused(404, "not_found");
    }
}

#[tokio::test]
async fn tables_are_files_that_nobody_keeps_and_no_head_asks_for() {
    let gateway = Gateway::start().await;
    for (name, bytes) in [("results", "copy_id\r\n"), ("pronote", "\u{feff}NOM\r\n")] {
        let path = of_exam(&format!("/{name}.csv"));
        let answer = gateway.get(&path).await;
        assert_eq!(answer.header("content-type"), "text/csv; charset=utf-8");
        assert_eq!(answer.header("cache-control"), "private, no-store");
        let expected = format!("attachment; filename=\"{name}-{EXAM}-2.csv\"");
        assert_eq!(answer.header("content-disposition"), expected);
        assert_eq!(answer.body, bytes.as_bytes());
        let head = Answer::of(gateway.admin(Method::HEAD, &path)).await;
        assert_eq!(head.status.as_u16(), 405);
    }
    gateway.peer.known.refuse("export_table", Code::WrongState);
    let refused = gateway.get(&of_exam("/pronote.csv")).await;
    refused.assert_refused(409, "wrong_state");
}

#[tokio::test]
async fn a_pupil_reads_their_own_results() {
    let gateway = Gateway::start().await;
    let list = gateway.get("/api/v1/me/copies").await.json();
    let own = json!({
        "id": COPY, "exam_id": EXAM, "exam_name": "Mathématiques", "exam_date": "2026-06-15",
        "released_at": "2026-06-15T08:30:00.000000Z", "score": "1.5", "max": "2",
    });
    assert_eq!(list, json!({"items": [own], "next_cursor": COPY}));
    let whole = gateway.get(&format!("/api/v1/me/copies/{COPY}")).await;
    assert_eq!(whole.header("cache-control"), "no-store");
    let whole = whole.json();
    assert_eq!(
        (&whole["score"], &whole["marking_scheme"], &whole["appreciation"]),
        (&json!("1.5"), &json!(null), &json!("Bien."))
    );
    assert_eq!(whole["scores"], json!([{"question_id": "1.a", "points": "1.5"}]));
    let other = gateway.get(&format!("/api/v1/me/copies/{EXAM}")).await;
    other.assert_refused(404, "not_found");
}

#[tokio::test]
async fn scores_are_changed_with_a_reason_of_the_closed_set_and_a_key() {
    let gateway = Gateway::start().await;
    let change = |body: &Value| gateway.admin(Method::POST, &of_exam("/change-sets")).json(body);
    let body = json!({"reason_code": "marking_error", "reason": "Question ambiguë", "delta": "0.5"});
    Answer::of(change(&body))
        .await
        .assert_refused(400, "missing_idempotency_key");
    let answer = Answer::of(change(&body).header("idempotency-key", "change-1")).await;
    assert_eq!(answer.status.as_u16(), 201);
    let changed = json!({"copy_id": COPY, "delta": "0.5", "score": "2", "job_id": JOB});
    let expected = json!({
        "change_set_id": USER, "changed": [changed], "unchanged": [], "refused": [],
    });
    assert_eq!(answer.json(), expected);
    let other = json!({"reason_code": "Martin triche", "delta": "0.5"});
    Answer::of(change(&other).header("idempotency-key", "change-2"))
        .await
        .assert_invalid(&["/reason_code"]);
    assert_eq!(gateway.peer.known.calls("adjust").len(), 1);
    let list = gateway.get(&of_exam("/change-sets")).await.json();
    let expected = json!({
        "id": USER, "created_by": USER, "created_by_name": "Camille Exemple",
        "created_at": "2026-06-15T08:30:00.000000Z", "reason_code": "marking_error", "reason": null,
        "question_id": null, "delta": "0.5", "copies": 7,
    });
    assert_eq!(list["items"], json!([expected]));
}
