//! The level from which lines are written, while the process runs.

#![expect(
    clippy::tests_outside_test_module,
    reason = "an integration test is a test module"
)]

use std::time::Duration;

use telemetry::events::{RpcCompleted, ServiceStarting};
use telemetry::grpc::RpcMethods;
use telemetry::{Level, Lines, Options, Output, ServiceName, Telemetry};

fn detail() {
    let rpc = RpcMethods::new(&["a.B/C"]).find("/a.B/C");
    let duration = Duration::ZERO;
    telemetry::log(RpcCompleted { rpc, duration });
}

#[tokio::test]
async fn what_is_written_changes_while_the_process_runs_and_that_is_always_said() {
    let lines = Lines::new();
    let mut options = Options::new(ServiceName::Grading, "9.9.9");
    options.output = Output::Memory(lines.clone());
    let telemetry = Telemetry::start(&options).unwrap();
    detail();
    telemetry::write_from(Level::Debug);
    detail();
    telemetry::write_from(Level::Critical);
    telemetry::log(ServiceStarting {});
    telemetry::write_from(Level::Info);
    telemetry::log(ServiceStarting {});
    telemetry.shutdown().await;
    let seen: Vec<String> = lines
        .all()
        .iter()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|line| format!("{} {}", line["event"], line["lowest"]).replace('"', ""))
        .collect();
    let expected = [
        "log.level_changed DEBUG",
        "rpc.completed null",
        "log.level_changed CRITICAL",
        "log.level_changed INFO",
        "service.starting null",
    ];
    assert_eq!(seen, expected);
}
