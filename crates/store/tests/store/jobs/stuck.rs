//! What stands still is counted, listed, and found without reading whole tables.

use chrono::TimeDelta;
use store::{JobsOf, Stuck};
use testkit::eventually;

use crate::harness::Bench;

const PATIENCE: TimeDelta = TimeDelta::minutes(15);

const NOTHING: Stuck = Stuck {
    imports: 0,
    finalizes: 0,
    splits: 0,
    archives: 0,
    silent: 0,
    forgotten: 0,
    waiting: 0,
};

/// Rows as nobody makes them, made by somebody whom no rule binds.
fn rig(bench: &Bench, sql: &str) {
    // What it reads is counted before it ends.
    let unruled = format!("SET session_replication_role = replica; {sql}; SELECT pg_stat_force_next_flush()");
    bench.database.run(&unruled);
}

async fn counted(bench: &Bench) -> Stuck {
    let counted = bench.tx(|tx| tx.diagnosis().count_stuck(PATIENCE)).await;
    counted.expect("it can be counted")
}

async fn listed(bench: &Bench) -> (usize, usize, usize) {
    let listed = bench.tx(|tx| {
        let copies = tx.diagnosis().stuck(10)?.len();
        let jobs = tx.diagnosis().jobs(&JobsOf::Stuck(PATIENCE), 10)?.len();
        Ok((copies, jobs, tx.diagnosis().unsplit(10)?.len()))
    });
    listed.await.expect("it can be listed")
}

#[tokio::test]
async fn whatever_stands_still_is_counted_once_for_its_cause_and_listed() {
    let bench = Bench::new().await;
    let (_, job) = bench.registered(b"a scan").await;
    assert_eq!(counted(&bench).await, NOTHING);

    let of = format!("WHERE id = '{job}'");
    rig(
        &bench,
        &format!("UPDATE grading.jobs SET created_at = now() - interval '16 minutes' {of}"),
    );
    let waiting = Stuck {
        waiting: 1,
        ..NOTHING
    };
    assert_eq!(
        (counted(&bench).await, listed(&bench).await),
        (waiting, (0, 1, 0))
    );

    let worker =
        "state = 'RUNNING', worker_id = gen_random_uuid(), lease_until = now() - interval '2 minutes'";
    rig(
        &bench,
        &format!("UPDATE grading.jobs SET {worker}, created_at = now() {of}"),
    );
    let silent = Stuck { silent: 1, ..NOTHING };
    assert_eq!((counted(&bench).await, listed(&bench).await), (silent, (0, 1, 0)));

    rig(
        &bench,
        &format!("DELETE FROM grading.outbox; DELETE FROM grading.jobs {of}"),
    );
    let forgotten = Stuck {
        forgotten: 1,
        ..NOTHING
    };
    assert_eq!(
        (counted(&bench).await, listed(&bench).await),
        (forgotten, (1, 0, 0))
    );

    rig(&bench, "UPDATE grading.copies SET failure = 'unknown'");
    let failed = Stuck {
        imports: 1,
        ..NOTHING
    };
    assert_eq!((counted(&bench).await, listed(&bench).await), (failed, (1, 0, 0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn looking_reads_no_whole_table_of_jobs() {
    let bench = Bench::new().await;
    let (copy, _) = bench.registered(b"a scan").await;
    let many = |table: &str, set: &str, count: u32| {
        format!(
            "INSERT INTO grading.{table}
             SELECT (jsonb_populate_record(one, jsonb_build_object('id', gen_random_uuid(), {set}))).*
             FROM grading.{table} AS one, generate_series(1, {count}) AS number;
             ANALYZE grading.{table};"
        )
    };
    let ended = "'state', 'SUCCEEDED', 'finished_at', now(), 'request_id', 'request-' || number,
        'created_at', now() - number * interval '1 minute'";
    let ready = "'status', 'READY', 'page_count', 1, 'anonymous_id', 'ZZZZ-' || translate(lpad(number::text, 4, 'Z'), '01', 'XY')";
    rig(
        &bench,
        &(many("jobs", ended, 20_000) + &many("copies", ready, 5_000)),
    );
    let scans = "SELECT seq_scan FROM pg_stat_user_tables WHERE relname = 'jobs'";
    let before = bench.database.count(scans);
    for _ in 0..3 {
        let looked = bench.tx(move |tx| {
            let mut diagnosis = tx.diagnosis();
            diagnosis.count_stuck(PATIENCE)?;
            diagnosis.jobs(&JobsOf::Request("request-0001".parse().expect("a request")), 10)?;
            diagnosis.jobs(&JobsOf::State(None), 10)?;
            diagnosis.jobs(&JobsOf::State(Some(domain::JobState::Failed)), 10)?;
            diagnosis.jobs(&JobsOf::Copy(copy.id), 10)
        });
        looked.await.expect("it can be looked at");
    }
    for index in [
        "jobs_of_request",
        "jobs_by_age",
        "jobs_not_done",
        "copies_failed",
        "copies_in_work",
        "batches_failed",
    ] {
        let used = format!("SELECT idx_scan FROM pg_stat_user_indexes WHERE indexrelname = '{index}'");
        eventually(index, async || {
            // What a connection has counted is told when it does something a second later.
            drop(bench.now().await);
            match bench.database.count(&used) {
                0 => Err(0),
                _ => Ok(()),
            }
        })
        .await;
    }
    assert_eq!(bench.database.count(scans), before);
}
