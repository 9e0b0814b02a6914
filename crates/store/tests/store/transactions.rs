//! The one way in: what commits, what does not, and what a caller is told.

use std::sync::mpsc;
use std::time::Duration;

use domain::secret::Secret;
use store::{Config, Database, Error, Tx};

use crate::harness::{Bench, exam, until};

/// Takes the copy's lock in another transaction for as long as `meanwhile` takes.
async fn while_locked<T>(bench: &Bench, copy: domain::CopyId, meanwhile: impl Future<Output = T>) -> T {
    let (locked, is_locked) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let holder = bench.tx(move |tx| {
        tx.copies().for_update(copy)?;
        locked.send(()).expect("the test waits");
        may_go_on.recv().expect("the test goes on");
        Ok(())
    });
    let other = async {
        tokio::task::block_in_place(|| is_locked.recv()).expect("the copy is locked");
        let answer = meanwhile.await;
        go_on.send(()).expect("the holder waits");
        answer
    };
    let (holder, answer) = tokio::join!(holder, other);
    holder.expect("the holder commits");
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_that_does_not_come_in_time_is_contention() {
    let bench = Bench::with(|config| config.lock_timeout = Duration::from_millis(100)).await;
    let copy = bench.imported(b"scan").await.id;
    let waiting = bench.tx(move |tx| tx.copies().for_update(copy));
    assert_eq!(while_locked(&bench, copy, waiting).await, Err(Error::Contention));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_statement_that_takes_too_long_is_a_timeout() {
    let bench = Bench::with(|config| {
        config.statement_timeout = Duration::from_secs(3);
        config.lock_timeout = Duration::from_secs(30);
    })
    .await;
    let copy = bench.imported(b"scan").await.id;
    let waiting = bench.tx(move |tx| tx.copies().for_update(copy));
    assert_eq!(while_locked(&bench, copy, waiting).await, Err(Error::Timeout));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_that_wait_for_each_other_are_told_apart_from_a_slow_one() {
    let bench = Bench::with(|config| config.lock_timeout = Duration::from_secs(10)).await;
    let (one, other) = (bench.imported(b"one").await.id, bench.imported(b"two").await.id);
    let barrier = std::sync::Arc::new(std::sync::Barrier::new(2));
    let [first, second] = [(one, other), (other, one)].map(|(mine, yours)| {
        let barrier = std::sync::Arc::clone(&barrier);
        bench.tx(move |tx| {
            tx.copies().for_update(mine)?;
            barrier.wait();
            tx.copies().for_update(yours).map(|_copy| ())
        })
    });
    let (first, second) = tokio::join!(first, second);
    assert!(matches!(
        (&first, &second),
        (Ok(()), Err(Error::Deadlock)) | (Err(Error::Deadlock), Ok(()))
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn when_all_connections_are_in_use_a_caller_waits_for_a_bounded_time() {
    let bench = Bench::with(|config| {
        config.max_connections = 1;
        config.connection_wait = Duration::from_millis(50);
    })
    .await;
    let copy = bench.imported(b"scan").await.id;
    let waiting = async { (bench.now().await, bench.store.state()) };
    let (answer, state) = while_locked(&bench, copy, waiting).await;
    assert_eq!(answer, Err(Error::Busy));
    assert_eq!((state.used, state.idle, state.limit), (1, 0, 1));
    assert!(bench.now().await.is_ok());
}

#[tokio::test]
async fn work_that_fails_leaves_nothing_behind() {
    let bench = Bench::new().await;
    let new = exam(bench.ids.next(), Vec::new());
    let failed: Result<(), Error> = bench
        .tx(move |tx| {
            tx.exams().insert(&new)?;
            Err(Error::Stale { table: "copies" })
        })
        .await;
    assert_eq!(failed, Err(Error::Stale { table: "copies" }));
    assert_eq!(bench.database.count("SELECT count(*) FROM grading.exams"), 1);
}

#[tokio::test]
async fn a_failed_statement_that_the_work_passes_over_is_not_called_a_success() {
    let bench = Bench::new().await;
    let (new, again) = (exam(bench.ids.next(), Vec::new()), exam(bench.exam, Vec::new()));
    let passed_over = bench.tx(move |tx| {
        tx.exams().insert(&new)?;
        let _ignored = tx.exams().insert(&again);
        Ok(())
    });
    assert_eq!(passed_over.await, Err(Error::Abandoned));
    assert_eq!(bench.database.count("SELECT count(*) FROM grading.exams"), 1);
}

#[tokio::test]
async fn a_panic_goes_on_in_the_caller_and_spoils_no_connection() {
    let bench = Bench::with(|config| config.max_connections = 1).await;
    let (store, new) = (bench.store.clone(), exam(bench.ids.next(), Vec::new()));
    let mut callers = tokio::task::JoinSet::new();
    callers.spawn(async move {
        let work = move |tx: &mut Tx<'_>| -> Result<(), Error> {
            tx.exams().insert(&new)?;
            panic!("a use case that cannot go on")
        };
        store.transaction("test", work).await
    });
    let ended = callers.join_next().await.expect("there is a caller");
    assert!(ended.is_err_and(|error| error.is_panic()));
    assert!(bench.now().await.is_ok());
    assert_eq!(bench.database.count("SELECT count(*) FROM grading.exams"), 1);
}

#[tokio::test]
async fn a_lost_connection_is_recognised_and_the_next_transaction_gets_another() {
    let bench = Bench::with(|config| config.max_connections = 1).await;
    let superuser = bench.database.superuser_url();
    let lost = bench.tx(move |tx| {
        tx.now()?;
        let kill = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE usename = 'korrigo_app' AND datname = current_database()";
        crate::harness::attempt(&superuser, kill).expect("the connection is ended");
        tx.now()
    });
    assert_eq!(lost.await, Err(Error::Lost));
    assert!(bench.now().await.is_ok());
    assert_eq!(bench.store.ping().await, Ok(()));
}

#[tokio::test]
async fn a_connection_that_broke_while_idle_is_replaced_without_a_word() {
    let bench = Bench::with(|config| config.max_connections = 1).await;
    bench.database.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE usename = 'korrigo_app' AND datname = current_database()",
    );
    let gone = "SELECT count(*) FROM pg_stat_activity
        WHERE usename = 'korrigo_app' AND datname = current_database()";
    until("the connection is gone", || bench.database.count(gone) == 0).await;
    assert!(bench.now().await.is_ok());
}

#[tokio::test]
async fn a_server_that_is_not_there_is_unreachable_within_the_bound() {
    let mut config = Config::new(Secret::new("postgres://korrigo_app:x@127.0.0.1:1/korrigo"));
    config.connect_timeout = Duration::from_secs(2);
    let begun = std::time::Instant::now();
    assert_eq!(
        Database::connect(config).await.map(|_database| ()),
        Err(Error::Unreachable)
    );
    assert!(begun.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn a_dropped_caller_does_not_stop_its_transaction() {
    let bench = Bench::new().await;
    let new = exam(bench.ids.next(), Vec::new());
    let (begun, has_begun) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    {
        let call = bench.tx(move |tx| {
            begun.send(()).expect("the test waits");
            may_go_on.recv().expect("the test goes on");
            tx.exams().insert(&new)
        });
        let mut call = std::pin::pin!(call);
        while has_begun.try_recv().is_err() {
            let waited = tokio::time::timeout(Duration::from_millis(5), &mut call).await;
            assert!(waited.is_err());
        }
    }
    go_on.send(()).expect("the transaction waits");
    until("it commits", || {
        bench.database.count("SELECT count(*) FROM grading.exams") == 2
    })
    .await;
}
