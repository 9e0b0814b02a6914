//! Tables and trails agree, and each way in which they do not is counted by its check.

use domain::change_set::{Adjustment, ChangeSet};
use domain::secret::Secret;
use domain::user::Change;
use domain::{Points, Role};
use store::{Config, Database, Error};
use telemetry::metrics::AuditCheck;

use crate::desk::{Desk, question};
use crate::finalizing::releases::{completed, graded, released};
use crate::harness::{Bench, user};

/// As the role that operators look with.
async fn mismatches(bench: &Bench) -> Vec<(AuditCheck, u64)> {
    let read = Config::new(Secret::new(&bench.database.read_url()));
    let database = Database::connect(read).await.expect("it may look");
    let counts = database
        .transaction("reconcile", |tx| tx.reconciliation().run())
        .await;
    let counts: Result<Vec<_>, Error> = counts;
    let counts = counts.expect("they are compared");
    assert_eq!(counts.len(), AuditCheck::ALL.len());
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

#[tokio::test]
async fn what_people_are_agrees_again_once_their_trail_says_it() {
    let bench = Bench::new().await;
    // As versions did that knew no trails of people, before a person has one and afterwards.
    let promote = |role: Role| {
        let teacher = bench.teacher;
        bench.database.run(&format!(
            "UPDATE grading.users SET role = '{role}' WHERE id = '{teacher}'"
        ));
    };
    promote(Role::Student);
    assert_eq!(mismatches(&bench).await, []);
    let change = async || {
        let (teacher, by) = (bench.teacher, bench.by());
        let changed = bench.tx(move |tx| {
            let before = tx.users().get(teacher)?.expect("the teacher");
            tx.change_account(&before.change(Change::default(), by))
        });
        assert!(changed.await.is_ok());
    };
    change().await;
    assert_eq!(mismatches(&bench).await, []);
    promote(Role::Admin);
    assert_eq!(mismatches(&bench).await, [(AuditCheck::People, 1)]);
    change().await;
    assert_eq!(mismatches(&bench).await, []);
}

#[tokio::test]
async fn what_was_done_by_the_rules_agrees() {
    let desk = Desk::new().await;
    desk.bench.ready(b"another").await;
    desk.bench.registered(b"a third").await;
    assert_eq!(mismatches(&desk.bench).await, []);
}

#[tokio::test]
async fn each_check_finds_what_it_is_for() {
    for (check, damage) in [
        (AuditCheck::TrailEnds, "UPDATE grading.copies SET ev_seq = 7"),
        (AuditCheck::Status, "UPDATE grading.copies SET status = 'GRADED'"),
        (
            AuditCheck::Annotations,
            "INSERT INTO grading.annotations (id, copy_id, page_index, x, y, w, h, kind, ink, ink_points, created_by)
             SELECT gen_random_uuid(), c.id, 0, 0, 0, 1, 1, 'COMMENT', '[]', 0, u.id
             FROM grading.copies c, (SELECT id FROM grading.users LIMIT 1) u",
        ),
        (
            AuditCheck::Jobs,
            "INSERT INTO grading.jobs (id, kind, copy_id, owner_id, state, attempt, max_attempts, fence,
                 progress_done, progress_total, revision, request_id, finished_at)
             SELECT gen_random_uuid(), 'FINALIZE_COPY', copy_id, owner_id, 'SUCCEEDED', 1, 3, 1, 1, 1, 1,
                 'request-0001', now() FROM grading.jobs",
        ),
        (
            AuditCheck::Documents,
            "INSERT INTO grading.documents (job_id, copy_id, digest, size, pages)
             SELECT id, copy_id, sha256('other'), 1, 1 FROM grading.jobs",
        ),
        (
            AuditCheck::People,
            "UPDATE grading.users SET role = 'ADMIN' WHERE id IN (SELECT copy_id FROM grading.grading_events)",
        ),
        (
            AuditCheck::People,
            "UPDATE grading.users SET disabled = true WHERE id IN (SELECT copy_id FROM grading.grading_events)",
        ),
        (
            AuditCheck::TrailEnds,
            "UPDATE grading.users SET ev_seq = 7 WHERE id IN (SELECT copy_id FROM grading.grading_events)",
        ),
    ] {
        let bench = Bench::new().await;
        bench.ready(b"scan").await;
        let new = user(bench.ids.next(), "new", Role::Teacher).add(None, bench.by());
        let added = bench.tx(move |tx| tx.change_account(&new)).await;
        assert!(added.is_ok());
        assert_eq!(mismatches(&bench).await, [], "before");
        let unchecked = format!(
            "ALTER TABLE grading.copies DROP CONSTRAINT copies_columns_of_state;
             SET session_replication_role = replica; {damage}"
        );
        bench.database.run(&unchecked);
        assert_eq!(mismatches(&bench).await, [(check, 1)], "{check}");
    }
}

/// A copy that was graded, whose score was changed, and that was graded again; pupils see its result.
async fn published() -> Bench {
    let desk = Desk::new().await;
    desk.score("1.a", Some(9)).await;
    desk.score("1.b", Some(1)).await;
    desk.score("1.b", None).await;
    let copy = graded(&desk).await;
    let Desk { bench, .. } = desk;
    let asked = bench.asked(bench.admin).await;
    let change_set = ChangeSet {
        id: bench.ids.next(),
        exam: bench.exam,
        by: bench.admin,
        at: asked.now,
        reason: domain::Reason::MarkingError,
        words: None,
        question: Some(question("2")),
        delta: Points::from_quarters(3),
    };
    let adjustment = Adjustment {
        change_set: change_set.id,
        reason: change_set.reason,
        question: change_set.question.clone(),
        delta: change_set.delta,
    };
    let started = copy
        .adjust(&adjustment, false, asked, &bench.ids)
        .expect("it is adjusted");
    let (envelope, job) = (bench.envelope(started.job().id), started.job().id);
    let adjusted = started.transition().copy().clone();
    let stored = bench.tx(move |tx| {
        tx.change_sets().insert(&change_set)?;
        tx.adjust(&started, &adjustment, &envelope).map(|_entry| ())
    });
    stored.await.expect("the score is changed");
    let made = completed(&bench, adjusted, job).await;
    assert_eq!(
        made.state.grading().map(|grading| grading.score.quarters()),
        Some(12)
    );
    released(&bench).await;
    bench
}

#[tokio::test]
async fn no_score_is_changed_behind_the_trail_by_whoever_rules_the_database() {
    let undone = "DELETE FROM grading.grading_events WHERE action =";
    for (damage, found) in [
        ("UPDATE grading.scores SET quarters = 10", 2),
        ("UPDATE grading.scores SET question_id = '1.b'", 3),
        ("DELETE FROM grading.scores", 2),
        ("UPDATE grading.adjustments SET delta_quarters = 4", 1),
        ("DELETE FROM grading.adjustments", 1),
        ("UPDATE grading.copies SET score_quarters = 24", 1),
        ("UPDATE grading.copies SET max_quarters = 80", 1),
        ("UPDATE grading.release_results SET score_quarters = 24", 1),
        ("UPDATE grading.release_results SET points = '{\"1.a\": 12}'", 1),
        ("DELETE FROM grading.release_results", 1),
        (
            "UPDATE grading.releases SET withdrawn_at = now(), withdrawn_by = released_by",
            1,
        ),
        (&format!("{undone} 'SCORE'"), 1),
        (&format!("{undone} 'CORRECTION'"), 1),
        (&format!("{undone} 'RELEASE'"), 1),
    ] {
        let bench = published().await;
        assert_eq!(mismatches(&bench).await, [], "before");
        bench
            .database
            .run(&format!("SET session_replication_role = replica; {damage}"));
        let scores: Vec<_> = mismatches(&bench).await;
        assert!(
            scores.contains(&(AuditCheck::Scores, found)),
            "{damage}: {scores:?}"
        );
    }
}

#[tokio::test]
async fn what_was_erased_with_a_copy_is_no_disagreement_and_its_total_still_has_to_be_right() {
    let bench = published().await;
    let gone = "DELETE FROM grading.scores; UPDATE grading.copies SET erased = true";
    bench
        .database
        .run(&format!("SET session_replication_role = replica; {gone}"));
    assert_eq!(mismatches(&bench).await, []);
    let more = "UPDATE grading.copies SET score_quarters = 13";
    bench
        .database
        .run(&format!("SET session_replication_role = replica; {more}"));
    assert_eq!(mismatches(&bench).await, [(AuditCheck::Scores, 1)]);
}
