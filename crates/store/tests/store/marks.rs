//! Points and words: put, replaced and taken away, and only under a lock.

use domain::copy::Editor;
use domain::{ExamId, Points};
use store::Error;

use crate::desk::{Desk, comment, prose, question, scheme};
use crate::harness::{Bench, attempt};

async fn marks(desk: &Desk) -> domain::Marks {
    let copy = desk.copy.id;
    let marks = desk.bench.tx(move |tx| tx.marks().of(copy)).await;
    marks.expect("the marks are read")
}

/// An annotation that adds to the score, or takes away.
async fn bonus(desk: &Desk, quarters: i32, about: Option<&str>) {
    let mut content = comment("");
    content.score_delta = Some(Points::from_quarters(quarters));
    content.question = about.map(question);
    let id = desk.bench.ids.next();
    let change = |editor: Editor<'_>| {
        let correction = editor.annotate(id, content, Some(&scheme()));
        correction.expect("an annotation")
    };
    desk.correct(change).await.expect("the annotation is stored");
}

async fn in_use(bench: &Bench, exam: ExamId) -> Vec<(String, i32)> {
    let used = bench.tx(move |tx| tx.marks().questions_in_use(exam)).await;
    let used = used.expect("the questions are read");
    let plain = used
        .into_iter()
        .map(|(id, points)| (id.to_string(), points.quarters()));
    plain.collect()
}

#[tokio::test]
async fn points_are_put_replaced_and_taken_away() {
    let desk = Desk::new().await;
    let (copy, id) = (desk.copy.id, question("1.a"));
    let stored = || {
        let id = id.clone();
        desk.bench.tx(move |tx| tx.marks().score(copy, &id))
    };
    assert_eq!(stored().await, Ok(None));
    for quarters in [Some(4), Some(10), None, Some(0)] {
        desk.score("1.a", quarters).await;
        assert_eq!(stored().await, Ok(quarters.map(Points::from_quarters)));
    }
    desk.score("2", None).await;
    let scores = marks(&desk).await.scores;
    assert_eq!(scores.into_iter().collect::<Vec<_>>(), [(id, Points::ZERO)]);
    assert_eq!(desk.bench.database.verify_chains(), Ok(()));
}

#[tokio::test]
async fn words_are_put_replaced_and_taken_away() {
    let desk = Desk::new().await;
    for text in ["Bien", "Très bien,\nl’œuvre est lue"] {
        desk.remark("2", text).await;
        desk.appreciate(text).await;
        let marks = marks(&desk).await;
        assert_eq!(marks.remarks.len(), 1);
        assert!(marks.remarks.get(&question("2")) == prose(text).as_ref());
        assert!(marks.appreciation == prose(text));
    }
    desk.remark("2", "").await;
    desk.appreciate("").await;
    // Taking away what is not there is nothing new.
    desk.remark("2", "").await;
    let marks = marks(&desk).await;
    assert!(marks.remarks.is_empty() && marks.appreciation.is_none());
}

#[tokio::test]
async fn the_total_adds_questions_and_annotations_of_this_copy_only() {
    let desk = Desk::new().await;
    desk.score("1.a", Some(10)).await;
    desk.score("2", Some(5)).await;
    bonus(&desk, 3, None).await;
    bonus(&desk, -4, Some("2")).await;
    desk.remark("1.b", "Rien").await;
    let of_desk = marks(&desk).await;
    let deltas = [3, -4].map(Points::from_quarters);
    assert_eq!(
        (of_desk.total(Points::TWENTY).to_string().as_str(), of_desk.deltas),
        ("3.5", deltas.to_vec())
    );
    let (other, _) = desk.bench.locked(b"another").await;
    let empty = desk.bench.tx(move |tx| tx.marks().of(other.id)).await;
    assert_eq!(empty.map(|marks| marks.total(Points::TWENTY)), Ok(Points::ZERO));
}

#[tokio::test]
async fn each_question_in_use_is_named_once_with_the_most_points_it_was_given() {
    let desk = Desk::new().await;
    let exam = desk.bench.exam;
    assert_eq!(in_use(&desk.bench, exam).await, []);
    desk.score("1.a", Some(4)).await;
    desk.remark("1.a", "Bien").await;
    desk.remark("1.b", "Rien").await;
    bonus(&desk, 2, Some("2")).await;
    bonus(&desk, 2, Some("1.a")).await;

    let Desk { bench, .. } = desk;
    let (copy, token) = bench.locked(b"another").await;
    let other = Desk { bench, copy, token };
    other.score("1.a", Some(9)).await;
    let expected = [("1.a", 9), ("1.b", 0), ("2", 0)].map(|(id, quarters)| (id.to_owned(), quarters));
    assert_eq!(in_use(&other.bench, exam).await, expected);
    assert_eq!(in_use(&other.bench, other.bench.ids.next()).await, []);
}

#[tokio::test]
async fn without_a_lock_nothing_that_is_on_a_copy_changes() {
    let desk = Desk::new().await;
    desk.score("1.a", Some(4)).await;
    desk.remark("1.a", "Bien").await;
    desk.appreciate("Bien").await;
    bonus(&desk, 1, None).await;
    let (bench, teacher) = (&desk.bench, desk.bench.teacher);
    let editor = desk.copy.editor(Some(desk.token), bench.asked(teacher).await);
    let editor = editor.expect("the lock holds");
    let points = (None, Some(Points::ZERO));
    let scheme = scheme();
    let late = [
        editor.annotate(bench.ids.next(), comment("Tard"), None),
        editor
            .score(Some(&scheme), question("2"), points)
            .map(|change| change.expect("a change")),
        editor
            .remark(Some(&scheme), question("2"), (None, prose("Tard")))
            .map(|change| change.expect("a change")),
        Ok(editor.appreciate((None, prose("Tard"))).expect("a change")),
    ];
    let asked = bench.asked(teacher).await;
    let released = desk.copy.clone().release(Some(desk.token), asked);
    let released = released.expect("the owner may").expect("there is a lock");
    bench.recorded(released).await;

    for correction in late {
        let correction = correction.expect("a correction");
        let answer = bench.tx(move |tx| tx.correct(&correction)).await;
        let rule = "corrections_need_a_lock";
        assert_eq!(answer.map(|_entry| ()), Err(Error::Refused { rule }));
    }
    for (table, column) in [
        ("annotations", "text = 'x'"),
        ("scores", "quarters = 1"),
        ("remarks", "text = 'x'"),
        ("appreciations", "text = 'x'"),
    ] {
        for sql in [
            format!("UPDATE grading.{table} SET {column}"),
            format!("DELETE FROM grading.{table}"),
        ] {
            let answer = attempt(&bench.database.app_url(), &sql);
            assert_eq!(answer, Err("only a locked copy is corrected".to_owned()), "{sql}");
        }
    }
}
