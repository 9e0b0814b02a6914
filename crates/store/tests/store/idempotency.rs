//! A repeated request has one effect and one answer.

use std::sync::mpsc;
use std::time::Duration;

use chrono::TimeDelta;
use domain::Digest;
use store::{Begun, Error, IdempotencyKey};

use crate::harness::Bench;

const SENT: &str = "a key of the client";

fn body() -> Digest {
    Digest::of(b"the body")
}

#[tokio::test]
async fn a_repeated_key_gets_the_stored_answer_and_another_body_is_told_apart() {
    let bench = Bench::new().await;
    let key = IdempotencyKey::new(bench.teacher, "register_copy", SENT);
    let begin = |key: IdempotencyKey, body| bench.tx(move |tx| tx.idempotency().begin(&key, body));
    bench
        .tx(move |tx| {
            assert_eq!(tx.idempotency().begin(&key, body())?, Begun::New);
            tx.idempotency().remember(&key, b"the answer")
        })
        .await
        .expect("the first is answered");
    assert_eq!(begin(key, body()).await, Ok(Begun::Known(b"the answer".to_vec())));
    assert_eq!(begin(key, Digest::of(b"another")).await, Ok(Begun::Mismatch));
    let of_others = [
        IdempotencyKey::new(bench.admin, "register_copy", SENT),
        IdempotencyKey::new(bench.teacher, "create_exam", SENT),
        IdempotencyKey::new(bench.teacher, "register_copy", "another key"),
    ];
    for key in of_others {
        assert_eq!(begin(key, body()).await, Ok(Begun::New));
    }
}

#[tokio::test]
async fn a_key_whose_request_failed_is_free_again() {
    let bench = Bench::new().await;
    let key = IdempotencyKey::new(bench.teacher, "register_copy", SENT);
    let failed: Result<(), Error> = bench
        .tx(move |tx| {
            assert_eq!(tx.idempotency().begin(&key, body())?, Begun::New);
            Err(Error::Stale { table: "copies" })
        })
        .await;
    assert!(failed.is_err());
    assert_eq!(
        bench.tx(move |tx| tx.idempotency().begin(&key, body())).await,
        Ok(Begun::New)
    );
    // That one was committed without an answer.
    assert_eq!(
        bench.tx(move |tx| tx.idempotency().begin(&key, body())).await,
        Ok(Begun::InProgress)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_at_once_the_second_waits_for_the_answer_of_the_first() {
    let bench = Bench::with(|config| config.lock_timeout = Duration::from_secs(30)).await;
    let key = IdempotencyKey::new(bench.teacher, "register_copy", SENT);
    let (taken, is_taken) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let first = bench.tx(move |tx| {
        assert_eq!(tx.idempotency().begin(&key, body())?, Begun::New);
        taken.send(()).expect("the test waits");
        may_go_on.recv().expect("the test goes on");
        tx.idempotency().remember(&key, b"the answer")
    });
    let second = async {
        tokio::task::block_in_place(|| is_taken.recv()).expect("the first has the key");
        let second = bench.tx(move |tx| tx.idempotency().begin(&key, body()));
        let release = async {
            let waiting = "SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND wait_event_type = 'Lock'";
            crate::harness::until("the second waits", || bench.database.count(waiting) == 1).await;
            go_on.send(()).expect("the first waits");
        };
        tokio::join!(second, release).0
    };
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first, Ok(()));
    assert_eq!(second, Ok(Begun::Known(b"the answer".to_vec())));
}

#[tokio::test]
async fn what_the_client_put_into_its_key_is_not_kept_and_old_keys_are_forgotten() {
    let bench = Bench::new().await;
    let key = IdempotencyKey::new(bench.teacher, "register_copy", SENT);
    bench
        .tx(move |tx| {
            tx.idempotency().begin(&key, body()).map(|_new| ())?;
            tx.idempotency().remember(&key, b"the answer")
        })
        .await
        .expect("it is answered");
    let kept = format!(
        "SELECT count(*) FROM grading.idempotency_keys k WHERE k::text LIKE '%{SENT}%'
        OR convert_from(key, 'LATIN1') LIKE '%{SENT}%'"
    );
    assert_eq!(bench.database.count(&kept), 0);

    let purge = || bench.tx(|tx| tx.idempotency().purge(TimeDelta::hours(24)));
    assert_eq!(purge().await, Ok(0));
    bench
        .database
        .run("UPDATE grading.idempotency_keys SET created_at = now() - interval '25 hours'");
    assert_eq!(purge().await, Ok(1));
}
