//! What `status` and `diagnose` say of a system that does not answer as it should: the right thing, and soon.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]
#![expect(
    clippy::tests_outside_test_module,
    reason = "integration tests are a test module of their own"
)]

use std::time::{Duration, Instant};

use korrigo::diagnosis::Finding;
use testkit::commands::alone;
use testkit::{BlackHole, BrokerUser, TestBroker, TestDatabase, text};

/// How long whoever asks at night may wait; measured only on a machine that does nothing else.
const SOON: Duration = Duration::from_secs(2);
const NOBODY: &str = "0198c5a0-0000-7000-8000-000000000001";

/// What somebody has in the environment who asks.
#[derive(Default)]
struct Asking {
    database: String,
    broker: Option<String>,
    services: Option<String>,
}

impl Asking {
    fn of(database: &str) -> Self {
        Self {
            database: database.to_owned(),
            ..Self::default()
        }
    }

    /// How it ended, and what it said. What answers is waited for, as a machine that runs tests is busy.
    fn ask(&self, words: &[&str]) -> (Option<i32>, String) {
        self.ask_within("20s", words)
    }

    fn ask_within(&self, within: &str, words: &[&str]) -> (Option<i32>, String) {
        let mut command = alone(env!("CARGO_BIN_EXE_korrigo"), words);
        command.env("KORRIGO_DATABASE_URL", &self.database);
        command.env("KORRIGO_LOOK_WITHIN", within);
        command.envs(self.broker.iter().map(|url| ("KORRIGO_AMQP_URL", url)));
        command.envs(self.services.iter().map(|urls| ("KORRIGO_ADMIN_URLS", urls)));
        let output = command.output().unwrap();
        (output.status.code(), text(&output))
    }
}

fn verdict(said: &str) -> &str {
    let first = said.lines().next().unwrap_or_default();
    first.strip_prefix("verdict").unwrap_or_default().trim()
}

fn found(said: &str, finding: &str) -> bool {
    said.lines()
        .any(|line| line.starts_with("finding") && line.contains(&format!(" {finding}:")))
}

#[test]
fn who_takes_a_connection_and_says_nothing_is_silent_and_the_command_ends_all_the_same() {
    let [database, broker, worker, other] = [(); 4].map(|()| BlackHole::open());
    let asking = Asking {
        database: format!("postgres://korrigo_read:secret@{}/korrigo", database.address()),
        broker: Some(format!("amqp://korrigo:secret@{}/", broker.address())),
        services: Some(format!(
            "worker=http://{},http://{}",
            worker.address(),
            other.address()
        )),
    };
    let ask = |words: &[&str]| {
        let begun = Instant::now();
        let (code, said) = asking.ask_within("1700ms", words);
        let took = begun.elapsed();
        assert!(testkit::rounds() == 1 || took <= SOON, "{words:?} took {took:?}");
        testkit::evidence(format_args!(
            "database, broker and two services say nothing: `{}` says so after {} ms",
            words.join(" "),
            took.as_millis()
        ));
        (code, said)
    };
    let (code, said) = ask(&["status"]);
    assert_eq!((code, verdict(&said)), (Some(1), "database_silent"), "{said}");
    for silent in ["broker_silent", "worker_silent", "service_silent"] {
        assert!(found(&said, silent), "{silent}: {said}");
    }
    for words in [
        ["diagnose", "copy", NOBODY],
        ["diagnose", "job", NOBODY],
        ["diagnose", "request", "a-request-0001"],
    ] {
        let (code, said) = ask(&words);
        assert_eq!((code, verdict(&said)), (Some(2), "database_silent"), "{said}");
    }
}

#[test]
fn where_nobody_listens_everything_is_down() {
    let asking = Asking {
        database: "postgres://korrigo_read:secret@127.0.0.1:1/korrigo".to_owned(),
        broker: Some("amqp://korrigo:secret@127.0.0.1:1/".to_owned()),
        services: Some("grading=http://127.0.0.1:1".to_owned()),
    };
    let (code, said) = asking.ask_within("10s", &["status"]);
    assert_eq!((code, verdict(&said)), (Some(1), "database_down"), "{said}");
    assert!(
        found(&said, "broker_down") && found(&said, "service_down"),
        "{said}"
    );
}

#[test]
fn a_wrong_password_and_a_foreign_schema_are_not_a_database_that_is_down() {
    let database = TestDatabase::create();
    let wrong = database
        .app_url()
        .replacen("korrigo_app:", "korrigo_app:wrong-", 1);
    let (code, said) = Asking::of(&wrong).ask_within("10s", &["status"]);
    assert_eq!((code, verdict(&said)), (Some(1), "database_rejects"), "{said}");
    let (code, said) = Asking::of(&TestDatabase::empty().app_url()).ask(&["status"]);
    assert_eq!((code, verdict(&said)), (Some(1), "schema_mismatch"), "{said}");
}

#[tokio::test]
async fn a_wrong_password_is_not_a_broker_that_is_down() {
    let (database, broker) = (TestDatabase::create(), TestBroker::create().await);
    let right = broker.url(BrokerUser::Operator);
    let (before, after) = right.split_once('@').unwrap();
    for wrong in [format!("{before}-wrong@{after}"), format!("{right}-wrong")] {
        let asking = Asking {
            broker: Some(wrong),
            ..Asking::of(&database.read_url())
        };
        let (code, said) = asking.ask(&["status"]);
        assert_eq!((code, verdict(&said)), (Some(1), "broker_rejects"), "{said}");
    }
}

#[test]
fn an_address_that_is_none_is_not_a_broker_that_rejects() {
    let database = TestDatabase::create();
    for wrong in ["rabbitmq:5672", "amqp://korrigo:secret@[::1]:5672/"] {
        let asking = Asking {
            broker: Some(wrong.to_owned()),
            ..Asking::of(&database.read_url())
        };
        let (code, said) = asking.ask(&["status"]);
        assert_eq!((code, verdict(&said)), (Some(1), "broker_unaddressed"), "{said}");
    }
}

#[tokio::test]
async fn where_a_queue_of_dead_letters_is_missing_the_broker_is_not_called_down() {
    let broker = TestBroker::create().await;
    let asking = Asking {
        broker: Some(broker.url(BrokerUser::Operator)),
        ..Asking::default()
    };
    let (code, said) = asking.ask(&["dead-letters", "list"]);
    let advice = Finding::QueueMissing.advice();
    assert!(code == Some(1) && said.contains(advice), "{said}");
}

#[test]
fn what_was_not_looked_at_is_not_called_well() {
    let database = TestDatabase::create();
    let begun = Instant::now();
    let (code, said) = Asking::of(&database.read_url()).ask(&["status"]);
    testkit::evidence(format_args!(
        "a database that answers: `status` is done after {} ms",
        begun.elapsed().as_millis()
    ));
    assert_eq!((code, verdict(&said)), (Some(2), "well_as_far_as_seen"), "{said}");
    for unseen in ["queues not looked at", "services not asked"] {
        assert!(said.contains(unseen), "{said}");
    }
}

#[test]
fn who_keeps_a_table_for_itself_is_named_and_not_the_database() {
    let database = TestDatabase::create();
    let asking = Asking::of(&database.read_url());
    let shut = database.shut("grading.copies");
    for words in [&["status"][..], &["diagnose", "copy", NOBODY]] {
        let (code, said) = asking.ask(words);
        assert_eq!(
            (code, verdict(&said)),
            (Some(1), "transactions_blocked"),
            "{said}"
        );
        assert!(said.contains("blocker   "), "{said}");
    }
    let (code, said) = asking.ask(&["blockers", "list"]);
    assert!(
        code == Some(0) && said.contains("korrigo_superuser  other"),
        "{said}"
    );
    drop(shut);
    let (code, said) = asking.ask(&["diagnose", "copy", NOBODY]);
    assert!(
        code == Some(2) && said.contains("there is no such thing"),
        "{said}"
    );
}

#[test]
fn a_request_that_caused_no_job_is_looked_for_in_the_logs() {
    let database = TestDatabase::create();
    let asking = Asking::of(&database.read_url());
    let (code, said) = asking.ask(&["diagnose", "request", "a-request-0001"]);
    assert_eq!((code, verdict(&said)), (Some(2), "left_nothing"), "{said}");
    assert!(
        said.contains("grep -rh --include='*.log' a-request-0001 \"$KORRIGO_LOG_DIR\""),
        "{said}"
    );
}
