//! Who is to correct what: what sharing out finds, who sees which copy, and that no copy changes hands in silence.

use domain::access::Relation;
use domain::audit::DispatchHow;
use domain::dispatch::Loads;
use domain::{Copy, CopyId, Points, Role, Status, UserId};
use store::{CopyFilter, Error, Progress};

use crate::harness::{Bench, attempt, exam, user};

/// Another corrector of the exam.
async fn colleague(bench: &Bench) -> UserId {
    let id = bench.ids.next();
    bench.database.add_person(&user(id, "colleague", Role::Teacher));
    let changed = domain::Exam {
        version: 1,
        ..exam(bench.exam, vec![bench.teacher, id])
    };
    bench
        .tx(move |tx| tx.exams().update(&changed))
        .await
        .expect("the colleague is stored");
    id
}

async fn given(bench: &Bench, copy: Copy, to: Option<UserId>) -> Copy {
    let assigned = copy.assign(to, bench.asked(bench.admin).await);
    let transition = assigned
        .expect("the copy can be given")
        .expect("it is not theirs");
    bench.recorded(transition).await
}

async fn seen(bench: &Bench, user: UserId) -> Vec<CopyId> {
    let filter = CopyFilter {
        visible_to: Some(user),
        ..CopyFilter::default()
    };
    let page = bench.tx(move |tx| tx.copies().page(&filter, None, 100)).await;
    let page = page.expect("a list");
    page.items.iter().map(|view| view.copy.id).collect()
}

async fn relation(bench: &Bench, copy: CopyId, user: UserId) -> Option<Relation> {
    let relation = bench.tx(move |tx| tx.copies().relation(copy, user)).await;
    relation.expect("a relation")
}

#[tokio::test]
async fn once_a_copy_is_given_to_somebody_each_sees_their_own_and_what_they_hold() {
    let bench = Bench::new().await;
    let (teacher, colleague) = (bench.teacher, colleague(&bench).await);
    let one = bench.ready(b"one").await;
    let two = bench.ready(b"two").await;
    let (held, _token) = bench.locked(b"three").await;
    let all = [one.id, two.id, held.id];
    assert_eq!(seen(&bench, teacher).await, all);
    assert_eq!(seen(&bench, colleague).await, all);

    let one = given(&bench, one, Some(colleague)).await;
    assert_eq!(seen(&bench, teacher).await, [held.id]);
    assert_eq!(seen(&bench, colleague).await, [one.id]);
    let (own, not) = (Some(Relation::Corrector), Some(Relation::Stranger));
    for (copy, to_teacher, to_colleague) in [(one.id, not, own), (two.id, not, not), (held.id, own, not)] {
        assert_eq!(relation(&bench, copy, teacher).await, to_teacher);
        assert_eq!(relation(&bench, copy, colleague).await, to_colleague);
    }

    given(&bench, one, None).await;
    assert_eq!(seen(&bench, teacher).await, all);
    assert_eq!(seen(&bench, colleague).await, all);
}

#[tokio::test]
async fn who_corrects_the_exam_no_more_sees_nothing_of_what_they_were_given() {
    let bench = Bench::new().await;
    let colleague = colleague(&bench).await;
    let copy = given(&bench, bench.ready(b"one").await, Some(colleague)).await;
    let without = domain::Exam {
        version: 2,
        ..exam(bench.exam, vec![bench.teacher])
    };
    let changed = bench.tx(move |tx| tx.exams().update(&without)).await;
    assert_eq!(changed, Ok(()));
    assert_eq!(
        relation(&bench, copy.id, colleague).await,
        Some(Relation::Stranger)
    );
    assert_eq!(seen(&bench, colleague).await, []);
}

#[tokio::test]
async fn what_waits_is_ready_or_held_and_nobodys_and_what_was_begun_is_not_untouched() {
    let bench = Bench::new().await;
    let (exam, teacher) = (bench.exam, bench.teacher);
    let free = bench.ready(b"one").await;
    bench.imported(b"two").await;
    let (held, _token) = bench.locked(b"three").await;
    let mine = given(&bench, bench.ready(b"four").await, Some(teacher)).await;
    let mut begun = Vec::new();
    for (number, (table, columns, values)) in [
        ("scores", "question_id, quarters", "'1', 2"),
        ("remarks", "question_id, text", "'1', 'Bien'"),
        ("appreciations", "text", "'Bien'"),
        (
            "drafts",
            "user_id, client_id, version, payload",
            "TEACHER, 'window', 1, '{}'",
        ),
    ]
    .into_iter()
    .enumerate()
    {
        let source = format!("begun {number}");
        let copy = given(&bench, bench.ready(source.as_bytes()).await, Some(teacher)).await;
        let values = values.replace("TEACHER", &format!("'{teacher}'"));
        bench.database.run(&format!(
            "SET session_replication_role = replica;
             INSERT INTO grading.{table} (copy_id, {columns}) VALUES ('{}', {values})",
            copy.id
        ));
        begun.push(copy.id);
    }
    let (waiting, given_back, loads, unfinished) = bench
        .tx(move |tx| {
            let mut dispatch = tx.dispatch();
            Ok((
                dispatch.waiting(exam, &[])?,
                dispatch.waiting(exam, &[teacher])?,
                dispatch.loads(exam)?,
                dispatch.unfinished(exam, &[teacher])?,
            ))
        })
        .await
        .expect("what there is");
    assert_eq!(waiting, [free.id, held.id]);
    assert_eq!(given_back, [free.id, held.id, mine.id]);
    assert_eq!(loads, Loads::from([(teacher, 5)]));
    assert_eq!(unfinished[1..], begun);
    assert_eq!(unfinished[0], mine.id);
    let copies = bench.tx(move |tx| tx.copies().all(&[held.id, free.id])).await;
    assert_eq!(copies, Ok(vec![free, held]));
}

#[tokio::test]
async fn a_lock_stays_as_it_is_when_its_copy_is_given_to_who_holds_it() {
    let bench = Bench::new().await;
    let (held, _token) = bench.locked(b"one").await;
    let at = "SELECT (extract(epoch FROM acquired_at) * 1000000)::bigint FROM grading.locks";
    let before = bench.database.count(at);
    let asked = bench.asked(bench.admin).await;
    let transition = held.clone().dispatch(bench.teacher, DispatchHow::Run, asked);
    let given = bench.recorded(transition.expect("the holder gets it")).await;
    assert_eq!((given.state, given.corrector), (held.state, Some(bench.teacher)));
    assert_eq!(bench.stored(given.id).await, given);
    assert_eq!(bench.database.count(at), before);
}

#[tokio::test]
async fn a_copy_does_not_change_hands_without_the_event_that_says_to_whom() {
    let bench = Bench::new().await;
    let copy = bench.ready(b"one").await;
    let (teacher, id) = (bench.teacher, copy.id);
    // Who has the application's rights, and another event at hand.
    let sql = format!(
        "UPDATE grading.copies SET corrector_id = '{teacher}', version = version + 1 WHERE id = '{id}';
         INSERT INTO grading.grading_events (id, copy_id, action, actor_kind, actor_id, operation_id, metadata)
         VALUES (gen_random_uuid(), '{id}', 'VALIDATE', 'user', '{teacher}', gen_random_uuid(),
             '{{\"pages\": 2}}')"
    );
    let refused = attempt(&bench.database.app_url(), &format!("BEGIN; {sql}; COMMIT"));
    assert_eq!(
        refused,
        Err("a copy does not change hands without an event".to_owned())
    );
    assert_eq!(bench.stored(id).await.corrector, None);
}

#[tokio::test]
async fn copies_are_counted_by_corrector_and_state_and_graded_ones_by_their_points() {
    let bench = Bench::new().await;
    let (exam, teacher, colleague) = (bench.exam, bench.teacher, colleague(&bench).await);
    bench.imported(b"one").await;
    for (source, corrector, quarters) in [
        (b"two", teacher, 10),
        (b"six", colleague, 50),
        (b"ten", colleague, 60),
    ] {
        let copy = given(&bench, bench.ready(source).await, Some(corrector)).await;
        bench.database.run(&format!(
            "SET session_replication_role = replica;
             UPDATE grading.copies SET status = 'GRADED', score_quarters = {quarters}, max_quarters = 80, retries = 0
             WHERE id = '{id}';
             INSERT INTO grading.scores (copy_id, question_id, quarters) VALUES ('{id}', '1', 4), ('{id}', '2', {rest})",
            id = copy.id,
            rest = quarters - 4,
        ));
    }
    let (progress, all, own, given) = bench
        .tx(move |tx| {
            let mut statistics = tx.statistics();
            Ok((
                statistics.progress(exam)?,
                statistics.scores(exam, None)?,
                statistics.scores(exam, Some(colleague))?,
                statistics.given(exam, Some(colleague))?,
            ))
        })
        .await
        .expect("the figures");
    let part = |corrector, status, copies| Progress {
        corrector,
        status,
        copies,
    };
    let expected = [
        part(Some(teacher), Status::Graded, 1),
        part(Some(colleague), Status::Graded, 2),
        part(None, Status::Staging, 1),
    ];
    assert_eq!(progress, expected);
    let scores = |quarters: &[i32]| {
        domain::statistics::Scores::of(quarters.iter().copied().map(Points::from_quarters))
    };
    assert_eq!((all, own), (scores(&[10, 50, 60]), scores(&[50, 60])));
    let first = crate::desk::question("1");
    let of_first = |copies: i64, scores: i64| domain::statistics::Given {
        sum: 4 * copies,
        squares: 16 * copies,
        products: 4 * scores,
    };
    assert_eq!(given.all[&first], of_first(3, 120));
    assert_eq!(given.own[&first], of_first(2, 110));
    assert_eq!(given.own[&crate::desk::question("2")].sum, 46 + 56);
}

#[tokio::test]
async fn a_stranger_is_no_corrector() {
    let bench = Bench::new().await;
    let copy = bench.ready(b"one").await;
    let assigned = copy.assign(Some(bench.ids.next()), bench.asked(bench.admin).await);
    let transition = assigned.expect("the domain knows nobody").expect("a change");
    let refused = bench.tx(move |tx| tx.record(&transition)).await;
    let rule = "copies_corrector_fkey";
    assert_eq!(refused.map(|_entry| ()), Err(Error::Refused { rule }));
}
