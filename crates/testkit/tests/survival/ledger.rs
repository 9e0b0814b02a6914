//! What was acknowledged to clients, and whether it is there: once.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use testkit::{Client, System, evidence};

use crate::corrector::WORDS;

/// A copy that was corrected to its end.
pub(crate) struct Copy {
    pub(crate) id: String,
    pub(crate) exam: String,
    pub(crate) written: Written,
}

/// What was written on it.
pub(crate) struct Written {
    /// Id and words of each annotation.
    pub(crate) annotations: Vec<(String, String)>,
    pub(crate) marks: Marks,
}

/// What it was given, and what its corrector's window keeps. Each is written once: one that a client gave up waiting for
/// may come after it was acknowledged, and is the same.
pub(crate) struct Marks {
    pub(crate) points: String,
    pub(crate) remark: String,
    pub(crate) appreciation: String,
    pub(crate) draft: Value,
}

/// Compares what is there with what was acknowledged. The books are compared when the system is dropped.
pub(crate) async fn judge(system: &System, copies: &[Copy]) {
    system.settle().await;
    let teacher = system.teacher().await;
    for copy in copies {
        is_there_once(system, &teacher, copy).await;
    }
    for exam in copies.iter().map(|copy| &copy.exam) {
        let acknowledged = copies.iter().filter(|copy| copy.exam == *exam).count();
        let there = format!("SELECT count(*) FROM grading.copies WHERE exam_id = '{exam}'");
        assert_eq!(
            system.count(&there),
            i64::try_from(acknowledged).unwrap(),
            "copies"
        );
    }
    assert!(!is_below(&system.logs()), "a log has what a corrector wrote");
    for (service, output) in system.outputs() {
        assert!(
            !output.contains(WORDS),
            "{service} has written what a corrector wrote"
        );
    }
    evidence(format_args!(
        "{} copies corrected to the end, every acknowledged write there once, nothing of people in the logs",
        copies.len()
    ));
}

async fn is_there_once(system: &System, teacher: &Client, copy: &Copy) {
    let path = format!("/copies/{}", copy.id);
    let seen = teacher.get(&path).await.expect(200);
    assert_eq!(seen.text("/status"), "GRADED");
    assert_eq!(seen.text("/score"), copy.written.marks.points);
    are_given(teacher, &path, &copy.written.marks).await;
    let listed = teacher
        .get(&format!("{path}/annotations"))
        .await
        .expect(200)
        .json();
    let listed = listed.pointer("/items").and_then(Value::as_array).unwrap();
    let text = |value: &Value, name: &str| value.pointer(name).and_then(Value::as_str).unwrap().to_owned();
    let mut listed: Vec<_> = listed
        .iter()
        .map(|annotation| (text(annotation, "/id"), text(annotation, "/text")))
        .collect();
    let mut acknowledged = copy.written.annotations.clone();
    listed.sort();
    acknowledged.sort();
    assert_eq!(listed, acknowledged);

    let id = &copy.id;
    let events = |condition: &str| {
        system.count(&format!(
            "SELECT count(*) FROM grading.grading_events WHERE copy_id = '{id}' AND {condition}"
        ))
    };
    for (condition, times) in [
        ("action = 'IMPORT' AND metadata -> 'success' = 'true'", 1),
        ("action = 'FINALIZE' AND metadata -> 'success' = 'true'", 1),
        ("action = 'VALIDATE'", 1),
        ("action = 'CREATE_ANN'", 3),
        ("action = 'UPDATE_ANN'", 1),
        ("action = 'DELETE_ANN'", 1),
    ] {
        assert_eq!(events(condition), times, "{condition}");
    }
    // Whatever was away meanwhile, one thing came after the other.
    let order = format!(
        "SELECT string_agg(action, ' ' ORDER BY first) FROM (
            SELECT action, min(seq) AS first FROM grading.grading_events
            WHERE copy_id = '{id}' AND action IN ('IMPORT', 'VALIDATE', 'LOCK', 'FINALIZE')
              AND coalesce(metadata ->> 'success', 'true') = 'true' GROUP BY action) firsts"
    );
    assert_eq!(system.database.texts(&order), ["IMPORT VALIDATE LOCK FINALIZE"]);
    let rows = |table: &str| {
        system.count(&format!(
            "SELECT count(*) FROM grading.{table} WHERE copy_id = '{id}'"
        ))
    };
    assert_eq!((rows("documents"), rows("pages")), (1, 2));
}

/// Reads the marks back as whoever corrects does. Nothing of it ends with the correction: a draft only when its window takes it
/// back, or when the copy is erased.
async fn are_given(teacher: &Client, path: &str, marks: &Marks) {
    let given = teacher.get(&format!("{path}/scores")).await.expect(200).json();
    for (place, wanted) in [
        ("/scores", json!([{"question_id": "1", "points": marks.points}])),
        ("/remarks", json!([{"question_id": "1", "text": marks.remark}])),
        ("/appreciation", json!(marks.appreciation)),
    ] {
        assert_eq!(given.pointer(place), Some(&wanted), "{path}{place}");
    }
    let draft = teacher.get(&format!("{path}/draft")).await.expect(200).json();
    assert_eq!(draft.pointer("/payload"), Some(&marks.draft), "{path}/draft");
}

/// Whether a file has what a corrector wrote.
fn is_below(directory: &Path) -> bool {
    let mut paths = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    paths.any(|path| {
        if path.is_dir() {
            is_below(&path)
        } else {
            String::from_utf8_lossy(&fs::read(&path).unwrap()).contains(WORDS)
        }
    })
}
