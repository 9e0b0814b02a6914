//! No copy changes without an event, along no other way than the table of states, and never half.

mod given;

use domain::Status;
use store::{Constraint, Error};

use crate::harness::{Bench, attempt, count};

#[tokio::test]
async fn a_bare_change_of_a_copy_is_refused_to_the_service_and_to_the_owner() {
    let bench = Bench::new().await;
    let copy = bench.imported(b"scan").await.id;
    let bare = format!("UPDATE grading.copies SET status = 'READY' WHERE id = '{copy}'");
    let counted =
        format!("UPDATE grading.copies SET status = 'READY', version = version + 1 WHERE id = '{copy}'");
    let leap =
        format!("UPDATE grading.copies SET status = 'READY', version = version + 2 WHERE id = '{copy}'");
    for (sql, answer) in [
        (bare, "a copy changes with its version"),
        (counted, "a copy does not change without an event"),
        (leap, "a version counts up by one"),
    ] {
        assert_eq!(attempt(&bench.database.app_url(), &sql), Err(answer.to_owned()));
        let as_owner = format!("SET ROLE korrigo_owner; {sql}");
        assert_eq!(
            attempt(&bench.database.owner_url(), &as_owner),
            Err(answer.to_owned())
        );
        assert_eq!(
            attempt(&bench.database.superuser_url(), &sql),
            Err(answer.to_owned())
        );
    }
    assert_eq!(bench.stored(copy).await.state.status(), Status::Staging);
}

#[tokio::test]
async fn the_end_of_a_trail_is_not_moved_by_hand() {
    let bench = Bench::new().await;
    let copy = bench.imported(b"scan").await.id;
    for (sql, answer) in [
        ("SET ev_seq = ev_seq + 1", "a trail ends with its last event"),
        ("SET ev_head = sha256('x')", "a trail grows by one event"),
        ("SET ev_seq = ev_seq - 1", "a trail grows by one event"),
        (
            "SET version = version + 1, ev_head = sha256('x')",
            "a trail is not moved by hand",
        ),
        (
            "SET version = version + 1, anonymous_id = '2222-2222'",
            "a copy stays who it is",
        ),
    ] {
        let sql = format!("SET ROLE korrigo_owner; UPDATE grading.copies {sql} WHERE id = '{copy}'");
        assert_eq!(
            attempt(&bench.database.owner_url(), &sql),
            Err(answer.to_owned()),
            "{sql}"
        );
    }
}

#[tokio::test]
async fn a_copy_is_not_born_in_a_later_state() {
    let bench = Bench::new().await;
    let insert = |columns: &str, values: &str| {
        format!(
            "INSERT INTO grading.copies (id, exam_id, anonymous_id{columns})
             VALUES (gen_random_uuid(), '{}', '2345-6789'{values})",
            bench.exam
        )
    };
    for (columns, values) in [
        (", status, page_count", ", 'READY', 2"),
        (", version", ", 3"),
        (", ev_seq", ", 1"),
    ] {
        let sql = insert(columns, values);
        let answer = attempt(&bench.database.app_url(), &sql);
        assert!(answer.is_err_and(|answer| answer.starts_with("permission denied")));
        let as_owner = format!("SET ROLE korrigo_owner; {sql}");
        assert_eq!(
            attempt(&bench.database.owner_url(), &as_owner),
            Err("a copy begins in STAGING".to_owned())
        );
    }
}

#[tokio::test]
async fn only_the_moves_of_the_table_of_states_are_accepted() {
    let bench = Bench::new().await;
    let copy = bench.imported(b"scan").await.id;
    let moves = [
        (Status::Staging, Status::Ready),
        (Status::Ready, Status::Locked),
        (Status::Locked, Status::Ready),
        (Status::Locked, Status::GradingInProgress),
        (Status::GradingInProgress, Status::Graded),
        (Status::GradingInProgress, Status::GradingFailed),
        (Status::GradingFailed, Status::GradingInProgress),
        (Status::GradingFailed, Status::Ready),
        (Status::Graded, Status::Ready),
        (Status::Graded, Status::GradingInProgress),
    ];
    let superuser = bench.database.superuser_url();
    let as_it = |status: &Status| {
        let (failure, quarters) = match status {
            Status::Staging | Status::Ready | Status::Locked => ("NULL", "NULL"),
            Status::GradingInProgress | Status::Graded => ("NULL", "0"),
            Status::GradingFailed => ("'unknown'", "0"),
        };
        format!(
            "status = '{status}', failure = {failure}, lock_fence = lock_fence + 1,
             score_quarters = {quarters}, max_quarters = {quarters}, retries = {quarters}"
        )
    };
    for from in Status::ALL {
        for to in Status::ALL {
            let sql = format!(
                "BEGIN;
                 SET LOCAL session_replication_role = replica;
                 UPDATE grading.copies SET {} WHERE id = '{copy}';
                 SET LOCAL session_replication_role = origin;
                 UPDATE grading.copies SET {}, version = version + 1 WHERE id = '{copy}';
                 ROLLBACK",
                as_it(from),
                as_it(to)
            );
            let expected = if from == to || moves.contains(&(*from, *to)) {
                Ok(())
            } else {
                Err(format!("no command leads from {from} to {to}"))
            };
            assert_eq!(attempt(&superuser, &sql), expected);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_who_change_the_same_version_of_a_copy_one_wins() {
    let bench = Bench::new().await;
    let copy = bench.imported(b"scan").await;
    let (one, other) = (bench.admin, bench.teacher);
    let both = [bench.asked(one).await, bench.asked(other).await];
    let [first, second] = both.map(|asked| {
        let transition = copy.clone().validate(asked).expect("the copy validates");
        bench.tx(move |tx| tx.record(&transition))
    });
    let (first, second) = tokio::join!(first, second);
    let stale = Error::Stale { table: "copies" };
    let won = match (first, second) {
        (Ok(entry), Err(error)) | (Err(error), Ok(entry)) if error == stale => entry,
        other => panic!("not exactly one won: {other:?}"),
    };
    assert_eq!(won.seq, 2);
    assert_eq!(bench.stored(copy.id).await.version, 2);
    assert_eq!(bench.database.verify_chains(), Ok(()));
}

#[tokio::test]
async fn an_event_that_cannot_be_written_takes_the_change_back_with_it() {
    let bench = Bench::new().await;
    let (copy, job) = bench.registered(b"scan").await;
    bench
        .database
        .run("REVOKE INSERT ON grading.grading_events FROM korrigo_app");
    bench.database.run(
        "REVOKE INSERT (id, copy_id, action, actor_kind, actor_id, operation_id, metadata)
         ON grading.grading_events FROM korrigo_app",
    );
    let transition = copy
        .clone()
        .complete_import(count(2), bench.attempted(job))
        .expect("the import completes");
    assert_eq!(
        bench.tx(move |tx| tx.record(&transition)).await,
        Err(Error::Denied)
    );
    assert_eq!(bench.stored(copy.id).await, copy);
}

#[tokio::test]
async fn the_same_operation_does_a_thing_to_a_copy_once() {
    let bench = Bench::new().await;
    let (copy, job) = bench.registered(b"scan").await;
    let attempted = bench.attempted(job);
    let failed = copy
        .fail_import(domain::FailureCode::Unknown, attempted)
        .expect("the import fails");
    let again = bench.retried(failed.copy()).await;
    let pending = again.transition().copy().clone();
    let done = pending
        .complete_import(count(2), attempted)
        .expect("the import completes");
    let _entry = bench.record(failed).await;
    let retried = bench.tx(move |tx| tx.record(again.transition())).await;
    let _entry = retried.expect("the copy waits again");
    let twice = Error::Conflict {
        constraint: Constraint::DuplicateEvent,
    };
    assert_eq!(bench.tx(move |tx| tx.record(&done)).await, Err(twice));
}
