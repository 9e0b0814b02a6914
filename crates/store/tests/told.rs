//! What the log is told when the database stands in the way: each line by its event and its fields.

#![expect(
    clippy::expect_used,
    clippy::tests_outside_test_module,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

use std::sync::{Arc, Barrier, mpsc};
use std::time::Duration;

use domain::exam::{Exam, ExamName, Layout};
use domain::secret::Secret;
use domain::{ExamId, Ids};
use store::{Config, Database, Error, JobChanged};
use testkit::{Logged, TestDatabase, eventually};

/// A database with two exams.
struct Bench {
    database: TestDatabase,
    store: Database,
    exams: [ExamId; 2],
}

impl Bench {
    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let (database, ids) = (TestDatabase::create(), Ids::time_ordered());
        let mut config = Config::new(Secret::new(&database.app_url()));
        change(&mut config);
        let store = Database::connect(config).await.expect("it can be opened");
        let bench = Self {
            database,
            store,
            exams: [ids.next(), ids.next()],
        };
        let exams = bench.exams;
        let stored = bench.store.transaction("move_in", move |tx| {
            exams.iter().try_for_each(|id| tx.exams().insert(&exam(*id)))
        });
        stored.await.expect("the exams are stored");
        bench
    }
}

fn exam(id: ExamId) -> Exam {
    Exam {
        id,
        name: ExamName::new("Mock exam").expect("a name"),
        date: chrono::NaiveDate::from_ymd_opt(2030, 5, 17).expect("a day"),
        pages_per_copy: None,
        layout: Layout::A4,
        identity_zone: None,
        correctors: Vec::new(),
        scheme: None,
        released_at: None,
        version: 0,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn transactions_that_wait_for_each_other_are_named() {
    let logged = Logged::here();
    let bench = Bench::with(|config| config.lock_timeout = Duration::from_secs(10)).await;
    let [one, other] = bench.exams;
    let barrier = Arc::new(Barrier::new(2));
    let [first, second] = [(one, other), (other, one)].map(|(mine, yours)| {
        let barrier = Arc::clone(&barrier);
        bench.store.transaction("two_in_a_circle", move |tx| {
            tx.exams().for_update(mine)?;
            barrier.wait();
            tx.exams().for_update(yours).map(|_exam| ())
        })
    });
    let (first, second) = tokio::join!(first, second);
    assert_eq!(first.and(second), Err(Error::Deadlock));
    let said = [("transaction", "two_in_a_circle")];
    logged.wait_for("database.deadlock", &said).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transaction_that_waited_in_vain_is_named_with_what_it_met() {
    let logged = Logged::here();
    let bench = Bench::with(|config| config.lock_timeout = Duration::from_millis(100)).await;
    let [exam, _] = bench.exams;
    let (locked, is_locked) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let holder = bench.store.transaction("holder", move |tx| {
        tx.exams().for_update(exam)?;
        locked.send(()).expect("the test waits");
        may_go_on.recv().expect("the test goes on");
        Ok::<_, Error>(())
    });
    let waiting = async {
        tokio::task::block_in_place(|| is_locked.recv()).expect("the exam is locked");
        let waited = bench.store.transaction("one_too_many", move |tx| {
            tx.exams().for_update(exam).map(|_exam| ())
        });
        assert_eq!(waited.await, Err(Error::Contention));
        go_on.send(()).expect("the holder waits");
    };
    let (held, ()) = tokio::join!(holder, waiting);
    held.expect("the holder commits");
    let said = [("transaction", "one_too_many"), ("error", "contention")];
    logged.wait_for("database.contention", &said).await;
}

#[tokio::test]
async fn a_transaction_that_breaks_a_rule_is_named_with_the_rule() {
    let logged = Logged::here();
    let bench = Bench::with(|_defaults| {}).await;
    let again = exam(bench.exams[0]);
    let refused = bench
        .store
        .transaction("exam_twice", move |tx| tx.exams().insert(&again))
        .await;
    assert!(refused.is_err(), "{refused:?}");
    let said = [
        ("transaction", "exam_twice"),
        ("error", "store::Error::Refused"),
        ("constraint", "exams_pkey"),
    ];
    logged.wait_for("database.transaction_failed", &said).await;
}

#[tokio::test]
async fn a_database_that_goes_away_is_told_of_once_when_it_goes_and_once_when_it_is_back() {
    let logged = Logged::here();
    let bench = Bench::with(|config| config.connect_timeout = Duration::from_secs(2)).await;
    let notifications = bench.store.listen();
    let mut jobs = notifications.jobs();
    assert_eq!(jobs.recv().await, Ok(JobChanged::Any));
    let now = async || {
        bench
            .store
            .transaction("look", |tx| tx.now().map(|_now| ()))
            .await
    };

    bench.database.shut_services_out();
    eventually("the database to be away", async || match now().await {
        Err(Error::Rejected | Error::Lost) => Ok(()),
        other => Err(other),
    })
    .await;
    logged.wait_for("database.unavailable", &[]).await;
    logged.wait_for("database.listener_lost", &[]).await;
    assert!(logged.of("database.restored").is_empty());

    bench.database.let_services_in();
    eventually("the database to be back", async || now().await).await;
    logged.wait_for("database.restored", &[]).await;
    logged.wait_for("database.listener_restored", &[]).await;
    for event in ["unavailable", "restored", "listener_lost", "listener_restored"] {
        let lines = logged.of(&format!("database.{event}"));
        assert_eq!(lines.len(), 1, "{lines:?}");
    }
}
