//! The private servers: they keep what they store, and end with whoever started them.
#![expect(
    clippy::tests_outside_test_module,
    reason = "integration tests are a test module of their own"
)]

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use broker::Topology;
use korrigo::stack::{BrokerUser, Durability, Packages, Postgres, Process, RabbitMq};
use serde_json::Value;
use testkit::eventually;

fn packages() -> Packages {
    // `make test` unpacks what is not installed below the project's own directory.
    Packages::new(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../var/packages"))
}

#[test]
fn postgresql_keeps_its_rows_over_a_stop_and_over_a_crash() {
    let directory = tempfile::Builder::new().permissions(open()).tempdir().unwrap();
    let start = || Postgres::start(&packages(), directory.path(), Durability::Durable).unwrap();
    let mut postgres = start();
    let port = postgres.port();
    postgres
        .psql(
            "postgres",
            "CREATE TABLE mark (points int); INSERT INTO mark VALUES (17)",
        )
        .unwrap();

    postgres.restart().unwrap();
    assert_eq!(
        postgres.psql("postgres", "SELECT points FROM mark").unwrap(),
        "17"
    );
    postgres.kill();
    assert!(!postgres.is_running());
    postgres.restart().unwrap();
    assert_eq!(
        postgres.psql("postgres", "SELECT points FROM mark").unwrap(),
        "17"
    );
    assert_eq!(postgres.port(), port);

    drop(postgres);
    assert_eq!(start().psql("postgres", "SELECT points FROM mark").unwrap(), "17");
}

#[test]
fn postgresql_writes_no_value_of_a_row_to_its_log() {
    let directory = tempfile::Builder::new().permissions(open()).tempdir().unwrap();
    let postgres = Postgres::start(&packages(), directory.path(), Durability::Fast).unwrap();
    let sql = "CREATE TABLE pupil (name text PRIMARY KEY); INSERT INTO pupil VALUES ('canary'), ('canary')";
    postgres.psql("postgres", sql).unwrap();
    let log = std::fs::read_to_string(postgres.log()).unwrap();
    assert!(log.contains("duplicate key"), "the failure itself is logged");
    assert!(!log.contains("canary"));
}

#[tokio::test]
async fn rabbitmq_keeps_its_queues_over_a_stop_and_over_a_crash() {
    let directory = tempfile::tempdir().unwrap();
    let mut rabbitmq = RabbitMq::start(&packages(), directory.path(), Durability::Fast).unwrap();
    let queue = format!("{}/api/queues/%2f/kept", rabbitmq.api_url());
    let body = r#"{"durable": true, "arguments": {"x-queue-type": "quorum"}}"#;
    // A connection from before a restart must not be used after it.
    let client = reqwest::Client::builder()
        .pool_max_idle_per_host(0)
        .build()
        .unwrap();
    let made = client.put(&queue).body(body).send().await.unwrap();
    assert!(made.status().is_success());

    rabbitmq.restart().unwrap();
    assert!(client.get(&queue).send().await.unwrap().status().is_success());
    rabbitmq.kill();
    rabbitmq.restart().unwrap();
    assert!(client.get(&queue).send().await.unwrap().status().is_success());
    let metrics = client.get(rabbitmq.metrics_url()).send().await.unwrap();
    assert!(metrics.text().await.unwrap().contains("rabbitmq_build_info"));
}

#[tokio::test]
async fn the_users_that_an_installation_makes_are_those_of_the_tests_and_are_let_in() {
    let directory = tempfile::tempdir().unwrap();
    let rabbitmq = RabbitMq::start(&packages(), directory.path(), Durability::Fast).unwrap();
    let client = reqwest::Client::new();
    for user in BrokerUser::ALL {
        let known = format!("{}/api/users/{user}", rabbitmq.api_url());
        assert!(client.delete(&known).send().await.unwrap().status().is_success());
    }

    let (secrets, root) = (
        directory.path().join("secrets"),
        Path::new(env!("CARGO_MANIFEST_DIR")),
    );
    let url = rabbitmq.administrator_url();
    let (_, place) = url.rsplit_once('@').unwrap();
    let mut made = Command::new(root.join("../../deploy/secrets.sh"));
    made.arg(&secrets)
        .args(["127.0.0.1", place.trim_end_matches("/%2f")]);
    assert!(made.status().unwrap().success());
    let definitions = secrets.join("rabbitmq.json");
    rabbitmq
        .ctl(&["import_definitions", definitions.to_str().unwrap()])
        .unwrap();

    for user in BrokerUser::ALL {
        let permitted = format!("{}/api/permissions/%2f/{user}", rabbitmq.api_url());
        // The node imports when it has time.
        let permitted = eventually("the user to be there", async || {
            let answer = client.get(&permitted).send().await.unwrap();
            answer.error_for_status().map_err(|error| error.status())
        });
        let permitted: Value = permitted.await.json().await.unwrap();
        let expected = user.permissions();
        for right in ["configure", "write", "read"] {
            assert_eq!(permitted[right], expected[right], "{user}: {right}");
        }
        let name = user.as_str().trim_start_matches("korrigo_");
        let url = std::fs::read_to_string(secrets.join(format!("{name}-amqp-url"))).unwrap();
        let config = broker::Config::new(url.trim(), None, "tests").unwrap();
        let seen = broker::look(&config, &Topology::korrigo()).await.unwrap();
        assert!(seen.iter().all(|queue| queue.depth.is_none()), "{user}");
    }
}

#[test]
fn the_secrets_of_an_installation_are_those_of_its_first_time_however_often_they_are_made() {
    let directory = tempfile::tempdir().unwrap();
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/secrets.sh");
    let make = |words: &[&str]| {
        let mut made = Command::new(&script);
        made.arg(directory.path()).args(words);
        made.output().unwrap().status.success()
    };
    let files = || {
        let entries = std::fs::read_dir(directory.path()).unwrap();
        let files = entries.map(|entry| entry.unwrap().path());
        let read = files.map(|file| (std::fs::read_to_string(&file).unwrap(), file));
        read.collect::<BTreeSet<_>>()
    };
    assert!(make(&["database.internal", "broker.internal", "school"]));
    let first = files();
    assert!(
        first
            .iter()
            .any(|(said, _)| said.contains(r#""vhost": "school""#))
    );
    assert!(make(&[]) && make(&["database.internal", "broker.internal", "school"]));
    assert!(!make(&["database.internal", "broker.internal", "another"]));
    assert_eq!(files(), first);
}

#[test]
fn a_server_that_was_left_behind_is_ended_by_the_next_start() {
    let directory = tempfile::Builder::new().permissions(open()).tempdir().unwrap();
    let postgres = Postgres::start(&packages(), directory.path(), Durability::Fast).unwrap();
    let pid_file = directory.path().join("pid");
    let left_behind = Process::remembered(&pid_file).unwrap();
    // As after a SIGKILL, but without the signal that usually follows it.
    std::mem::forget(postgres);
    std::fs::remove_file(directory.path().join("lock")).unwrap();

    let postgres = Postgres::start(&packages(), directory.path(), Durability::Fast).unwrap();
    assert!(!left_behind.is_running());
    assert_eq!(Process::remembered(&pid_file).map(Process::id), postgres.pid());
}

/// Root hands PostgreSQL to another account, which must be able to enter.
fn open() -> std::fs::Permissions {
    std::os::unix::fs::PermissionsExt::from_mode(0o755)
}
