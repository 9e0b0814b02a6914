//! No mark, no word and no line on a copy changes without the event that says so, and none disappears but with its copy.

use domain::audit::{Action, EraseCause};

use crate::annotations::annotated;
use crate::desk::{Desk, comment};
use crate::finalizing::releases::graded;
use crate::harness::attempt;

const REFUSED: &str = "what was given does not change without an event";

/// A copy with one of each.
async fn given() -> Desk {
    let desk = Desk::new().await;
    desk.score("1.a", Some(9)).await;
    desk.remark("1.a", "Bien").await;
    desk.appreciate("Très bien").await;
    annotated(&desk, comment("à revoir")).await;
    desk
}

/// The same statement with an event that the same transaction writes.
fn told(desk: &Desk, action: &str, metadata: &str, change: &str) -> String {
    format!(
        "BEGIN;
         INSERT INTO grading.grading_events (id, copy_id, action, actor_kind, actor_id, operation_id, metadata)
         VALUES (gen_random_uuid(), '{}', '{action}', 'user', '{}', gen_random_uuid(), '{metadata}');
         {change};
         COMMIT",
        desk.copy.id, desk.bench.teacher
    )
}

#[tokio::test]
async fn a_bare_change_of_what_was_given_is_refused_to_the_service_and_to_who_rules_the_database() {
    let desk = given().await;
    let (copy, teacher) = (desk.copy.id, desk.bench.teacher);
    for sql in [
        "UPDATE grading.scores SET quarters = 10".to_owned(),
        "DELETE FROM grading.scores".to_owned(),
        format!("INSERT INTO grading.scores (copy_id, question_id, quarters) VALUES ('{copy}', '2', 4)"),
        "UPDATE grading.remarks SET text = 'Mal'".to_owned(),
        "DELETE FROM grading.remarks".to_owned(),
        format!("INSERT INTO grading.remarks (copy_id, question_id, text) VALUES ('{copy}', '2', 'Mal')"),
        "UPDATE grading.appreciations SET text = 'Mal'".to_owned(),
        "DELETE FROM grading.appreciations".to_owned(),
        "UPDATE grading.annotations SET delta_quarters = 8".to_owned(),
        "DELETE FROM grading.annotations".to_owned(),
        format!(
            "INSERT INTO grading.annotations
                (id, copy_id, page_index, x, y, w, h, kind, ink, ink_points, created_by)
             VALUES (gen_random_uuid(), '{copy}', 0, 0, 0, 1, 1, 'ERROR', '[]', 0, '{teacher}')"
        ),
    ] {
        for url in [desk.bench.database.app_url(), desk.bench.database.superuser_url()] {
            assert_eq!(attempt(&url, &sql), Err(REFUSED.to_owned()), "{sql}");
        }
    }
}

#[tokio::test]
async fn the_event_of_a_change_is_of_its_transaction_and_says_the_same() {
    let desk = given().await;
    let app = desk.bench.database.app_url();
    let raise = "UPDATE grading.scores SET quarters = 10";
    let event = |question: &str, points: &str| {
        format!(r#"{{"question_id": "{question}", "points": {points}, "previous": "2.25"}}"#)
    };
    for metadata in [
        event("1.a", r#""10""#),
        event("1.a", "null"),
        event("1.b", r#""2.5""#),
    ] {
        let other = told(&desk, "SCORE", &metadata, raise);
        assert_eq!(attempt(&app, &other), Err(REFUSED.to_owned()), "{metadata}");
    }
    let removed = r#"{"target": "question", "question_id": "1.a", "cleared": true}"#;
    let other = told(
        &desk,
        "REMARK",
        removed,
        "UPDATE grading.remarks SET text = 'Mal'",
    );
    assert_eq!(attempt(&app, &other), Err(REFUSED.to_owned()));
    let right = told(&desk, "SCORE", &event("1.a", r#""2.5""#), raise);
    assert_eq!(attempt(&app, &right), Ok(()));
    // What was said once is not said for ever.
    let lowered = told(
        &desk,
        "SCORE",
        &event("1.a", r#""1""#),
        "UPDATE grading.scores SET quarters = 4",
    );
    assert_eq!(attempt(&app, &lowered), Ok(()));
    assert_eq!(attempt(&app, raise), Err(REFUSED.to_owned()));
    assert_eq!(desk.bench.database.verify_chains(), Ok(()));
}

#[tokio::test]
async fn scores_are_not_adjusted_without_an_event() {
    let desk = given().await;
    let copy = graded(&desk).await.id;
    let change_set = desk.bench.ids.next::<domain::ChangeSetId>();
    let adjust = format!(
        "INSERT INTO grading.change_sets (id, exam_id, created_by, created_at, reason_code, delta_quarters)
         VALUES ('{change_set}', '{exam}', '{admin}', now(), 'marking_error', 4);
         INSERT INTO grading.adjustments (copy_id, change_set_id, delta_quarters)
         VALUES ('{copy}', '{change_set}', 4)",
        exam = desk.bench.exam,
        admin = desk.bench.admin,
    );
    let app = desk.bench.database.app_url();
    let bare = format!("BEGIN; {adjust}; COMMIT");
    assert_eq!(attempt(&app, &bare), Err(REFUSED.to_owned()));
    let metadata =
        format!(r#"{{"change_set_id": "{change_set}", "delta": "1", "score": "3.25", "max": "6"}}"#);
    assert_eq!(
        attempt(&app, &told(&desk, "CORRECTION", &metadata, &adjust)),
        Ok(())
    );
}

#[tokio::test]
async fn words_go_with_an_erased_copy_and_its_points_stay() {
    let desk = given().await;
    let graded = graded(&desk).await;
    let bench = &desk.bench;
    let asked = bench.asked(bench.admin).await;
    let erased = graded.erase(EraseCause::Pupil, asked).expect("it is erased");
    let entry = bench.tx(move |tx| tx.erase(&erased)).await.expect("it is stored");
    assert_eq!(entry.action, Action::Erase);
    let left = "SELECT (SELECT count(*) FROM grading.annotations) + (SELECT count(*) FROM grading.remarks)
        + (SELECT count(*) FROM grading.appreciations)";
    assert_eq!(bench.database.count(left), 0);
    let app = bench.database.app_url();
    assert_eq!(
        attempt(&app, "DELETE FROM grading.scores"),
        Err(REFUSED.to_owned())
    );
}
