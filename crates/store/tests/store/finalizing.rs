//! Finalizing: the score, the job, its message and the end of the lock in one step, and every way on from there.

mod archives;
pub(crate) mod releases;

use domain::copy::{Attempted, Copy, Disclosure, Grading, State, Tally, Variant};
use domain::{Digest, FailureCode, JobState, Points, Reason, Refusal, Task};

use crate::desk::{Desk, TALLY};
use crate::harness::Bench;

/// A copy whose corrected document is being made.
async fn finalized() -> (Bench, Copy) {
    let desk = Desk::new().await;
    let started = desk.finalize().await;
    let copy = desk.bench.started(started).await;
    (desk.bench, copy)
}

fn attempt(bench: &Bench, attempt: u16) -> Attempted {
    Attempted {
        attempt,
        ..bench.attempted(bench.ids.next())
    }
}

fn grading(copy: &Copy) -> Grading {
    copy.state.grading().expect("the copy has its score")
}

#[tokio::test]
async fn finalizing_freezes_the_score_ends_the_lock_and_starts_the_job() {
    let desk = Desk::new().await;
    let started = desk.finalize().await;
    let job = started.job().id;
    let copy = desk.bench.started(started).await;
    let id = copy.id;
    let (view, job) = desk
        .bench
        .tx(move |tx| Ok((tx.copies().get(id)?, tx.jobs().get(job)?)))
        .await
        .expect("a look");
    let view = view.expect("the copy is there");
    let job = job.expect("the job is there").job;
    assert_eq!((&view.copy, view.finalize_job), (&copy, Some(job.id)));
    assert!(view.import_job.is_some_and(|import| import != job.id));
    assert_eq!((job.task, job.state), (Task::Finalize(copy.id), JobState::Queued));
    let Grading { score, max, retries } = grading(&copy);
    assert_eq!((Tally { total: score, max }, retries), (TALLY, 0));
    let database = &desk.bench.database;
    assert_eq!(database.count("SELECT count(*) FROM grading.locks"), 0);
    assert_eq!(database.count("SELECT count(*) FROM grading.outbox"), 2);
    assert_eq!(database.verify_chains(), Ok(()));
}

#[tokio::test]
async fn what_cannot_be_announced_is_not_finalized() {
    let desk = Desk::new().await;
    desk.bench
        .database
        .run("ALTER TABLE grading.outbox ADD CONSTRAINT outbox_shut CHECK (false) NOT VALID");
    let started = desk.finalize().await;
    let envelope = desk.bench.envelope(started.job().id);
    let answer = desk.bench.tx(move |tx| tx.start(&started, &envelope)).await;
    assert!(answer.is_err());
    assert_eq!(desk.bench.stored(desk.copy.id).await, desk.copy);
    assert_eq!(desk.bench.database.count("SELECT count(*) FROM grading.jobs"), 1);
}

#[tokio::test]
async fn attempts_are_counted_until_a_person_has_it_tried_again() {
    let (bench, copy) = finalized().await;
    let first = copy.fail_finalize(FailureCode::Timeout, true, attempt(&bench, 1));
    let copy = bench.recorded(first.expect("the attempt fails")).await;
    assert_eq!(bench.stored(copy.id).await, copy);
    assert_eq!(grading(&copy).retries, 1);
    let last = copy.fail_finalize(FailureCode::Unknown, false, attempt(&bench, 2));
    let copy = bench.recorded(last.expect("the attempt fails")).await;
    let stored = bench.stored(copy.id).await;
    assert_eq!(stored.state.failure(), Some(FailureCode::Unknown));
    assert_eq!((&stored, grading(&stored).retries), (&copy, 2));

    let nothing = Tally {
        total: Points::ZERO,
        max: Points::ZERO,
    };
    let asked = bench.asked(bench.teacher).await;
    let again = copy.finalize(None, nothing, asked, &bench.ids);
    let copy = bench.started(again.expect("no lock is needed")).await;
    let stored = bench.stored(copy.id).await;
    assert_eq!((&stored, grading(&stored).score), (&copy, TALLY.total));
    assert_eq!(stored.state.failure(), None);
    assert_eq!(bench.database.verify_chains(), Ok(()));
}

#[tokio::test]
async fn a_graded_copy_is_handed_out_and_opened_again_without_its_score() {
    let (bench, copy) = finalized().await;
    let document = Digest::of(b"corrected");
    let made = copy.complete_finalize(document, attempt(&bench, 1));
    let copy = bench.recorded(made.expect("the attempt succeeds")).await;
    assert_eq!(bench.stored(copy.id).await, copy);

    for variant in Variant::ALL {
        let asked = bench.asked(bench.teacher).await;
        let disclosure: Disclosure = copy.export(*variant, document, asked).expect("it is graded");
        let told = bench.tx(move |tx| tx.disclose(&disclosure)).await;
        assert!(told.is_ok());
    }
    // Handing out leaves its events and changes nothing.
    assert_eq!(bench.stored(copy.id).await, copy);
    let exports = "SELECT count(*) FROM grading.grading_events WHERE action = 'EXPORT'";
    assert_eq!(bench.database.count(exports), 2);

    let asked = bench.asked(bench.admin).await;
    let reopened = copy.reopen(Reason::MarkingError, false, asked);
    let copy = bench.recorded(reopened.expect("it is not released")).await;
    assert_eq!(bench.stored(copy.id).await, copy);
    assert_eq!(copy.state.grading(), None);
    let (locked, _) = bench.lock(copy, bench.admin).await;
    assert_eq!(bench.stored(locked.id).await.lock_fence, 2);
    assert_eq!(bench.database.verify_chains(), Ok(()));
}

#[tokio::test]
async fn an_administrator_frees_a_copy_from_its_corrector() {
    let Desk { bench, copy, .. } = Desk::new().await;
    let asked = bench.asked(bench.admin).await;
    let freed = copy.force_release(Reason::CorrectorAbsent, asked);
    let copy = bench
        .recorded(freed.expect("it may").expect("there is a lock"))
        .await;
    let stored = bench.stored(copy.id).await;
    assert!(matches!(stored.state, State::Ready { .. }));
    let nobody = stored.release(None, bench.asked(bench.teacher).await);
    assert!(matches!(nobody, Ok(None)));
    let late = copy.editor(None, bench.asked(bench.teacher).await);
    assert_eq!(late.map(|_editor| ()), Err(Refusal::LockRequired));
}
