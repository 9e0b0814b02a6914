//! The private servers: they keep what they store, and end with whoever started them.
#![expect(
    clippy::tests_outside_test_module,
    reason = "integration tests are a test module of their own"
)]

use std::path::Path;

use korrigo::stack::{Durability, Packages, Postgres, Process, RabbitMq};

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
