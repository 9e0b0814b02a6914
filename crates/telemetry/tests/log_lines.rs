//! What a log line looks like, and what never gets into one.

#![expect(
    clippy::tests_outside_test_module,
    reason = "an integration test is a test module"
)]
#![expect(clippy::disallowed_macros, reason = "a test plays a library that logs")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use std::io;
use std::sync::OnceLock;
use std::time::Duration;

use domain::audit::{Action, Actor};
use domain::{CopyId, ExamId, FailureCode, Ids, JobId, RequestId, UserId};
use serde_json::Value;
use telemetry::events::{
    ExamCreated, HttpCompleted, ImportAttemptFailed, ImportCompleted, OutboxRelayFailed, RpcCompleted,
};
use telemetry::http::{Method, Route};
use telemetry::{AuditLine, Causes, Lines, Options, Output, RequestContext, ServiceName, Telemetry, context};

/// Telemetry is started once for the tests of this file; each finds its lines by its request id.
fn lines() -> &'static Lines {
    static LINES: OnceLock<(Lines, Telemetry)> = OnceLock::new();
    &LINES
        .get_or_init(|| {
            let lines = Lines::new();
            let mut options = Options::new(ServiceName::Grading, "9.9.9");
            options.output = Output::Memory(lines.clone());
            let telemetry = Telemetry::start(&options).unwrap();
            (lines, telemetry)
        })
        .0
}

fn request(name: &str) -> RequestContext {
    RequestContext::new(name.parse::<RequestId>().unwrap())
}

/// Waits for the lines with `text` until there are `count`.
fn wait_for(text: &str, count: usize) -> Vec<Value> {
    let begun = std::time::Instant::now();
    loop {
        let found = lines().with(text);
        if found.len() >= count {
            return found
                .iter()
                .map(|line| serde_json::from_str(line).unwrap())
                .collect();
        }
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "no {count} lines with {text}: {found:?}"
        );
        std::thread::yield_now();
    }
}

#[tokio::test]
async fn a_line_has_the_keys_of_the_contract_in_their_order() {
    lines();
    let (copy_id, job_id): (CopyId, JobId) = (Ids::time_ordered().next(), Ids::time_ordered().next());
    let user: UserId = Ids::time_ordered().next();
    context::scope(request("keys-of-the-contract"), async {
        context::set_user(user);
        context::set_copy(copy_id);
        telemetry::log(ImportCompleted {
            copy_id,
            job_id,
            pages: 10,
            attempt: 1,
        });
    })
    .await;
    let line = wait_for("keys-of-the-contract", 1).remove(0);
    assert_eq!(line["level"], "INFO");
    assert_eq!(line["logger"], "korrigo.import");
    assert_eq!(line["message"], "the pages of a copy were made");
    assert_eq!(line["event"], "import.completed");
    assert_eq!(line["service"], "grading");
    assert_eq!(line["version"], "9.9.9");
    assert_eq!(line["severity_number"], 9);
    assert!(line["instance"].as_str().unwrap().starts_with("grading-"));
    assert_eq!(line["environment"], "development");
    assert_eq!(line["request_id"], "keys-of-the-contract");
    assert_eq!(line["user_id"], user.to_string());
    assert_eq!(line["copy_id"], copy_id.to_string());
    assert_eq!(line["job_id"], job_id.to_string());
    assert_eq!(line["pages"], 10);
    assert_eq!(line["module"], "telemetry::tests::log_lines");
    assert!(line["line"].is_number());
    let text = lines().with("keys-of-the-contract").remove(0);
    assert!(text.starts_with("{\"timestamp\":\"2"), "{text}");
    assert_eq!(text.matches("copy_id").count(), 1, "{text}");
    assert!(
        line.get("path").is_none() && line.get("error").is_none(),
        "{text}"
    );
}

#[tokio::test]
async fn every_line_of_a_request_carries_its_ids_also_from_other_threads() {
    lines();
    let exam_id: ExamId = Ids::time_ordered().next();
    let span = telemetry::span::http_server(Method::Post, None, telemetry::span::Trust::Parent);
    context::scope(
        request("other-threads"),
        span.run(async move {
            telemetry::log(ExamCreated { exam_id });
            telemetry::blocking(move || telemetry::log(ExamCreated { exam_id }))
                .await
                .unwrap();
            let mut tasks = tokio::task::JoinSet::new();
            tasks.spawn(context::carry(
                async move { telemetry::log(ExamCreated { exam_id }) },
            ));
            tasks.join_next().await.unwrap().unwrap();
        }),
    )
    .await;
    let lines = wait_for("other-threads", 3);
    let trace = lines[0]["trace_id"].as_str().unwrap().to_owned();
    assert_eq!(trace.len(), 32);
    assert!(
        lines
            .iter()
            .all(|line| line["trace_id"] == trace.as_str() && line["span_id"].is_string())
    );
}

#[tokio::test]
async fn the_first_writer_of_an_id_wins_and_a_detached_task_knows_nothing() {
    lines();
    let ids = Ids::time_ordered();
    let (first, second, exam_id): (UserId, UserId, ExamId) = (ids.next(), ids.next(), ids.next());
    context::scope(request("first-writer"), async {
        context::set_user(first);
        context::set_user(second);
        telemetry::log(ExamCreated { exam_id });
        telemetry::detach(async { telemetry::log(ExamCreated { exam_id }) }).await;
    })
    .await;
    let lines = wait_for(&exam_id.to_string(), 2);
    assert_eq!(lines[0]["user_id"], first.to_string());
    assert!(lines[1].get("request_id").is_none() && lines[1].get("user_id").is_none());
}

#[tokio::test]
async fn an_error_is_told_by_what_it_is_and_not_by_its_words() {
    lines();
    context::scope(request("error-words"), async {
        let error = io::Error::new(io::ErrorKind::TimedOut, "canary Marie Dupont");
        telemetry::log(OutboxRelayFailed {
            error: Causes::of(&error),
        });
        telemetry::log(ImportAttemptFailed {
            copy_id: Ids::time_ordered().next(),
            job_id: Ids::time_ordered().next(),
            error: FailureCode::Timeout,
            attempt: 2,
        });
    })
    .await;
    let lines = wait_for("error-words", 2);
    assert_eq!(lines[0]["error"], "std::Error::io::TimedOut");
    assert_eq!(lines[1]["error"], "timeout");
    assert_eq!(lines[1]["level"], "WARNING");
}

#[test]
fn what_a_library_says_is_replaced_by_who_said_it() {
    lines();
    play_a_library();
    log::warn!(target: "logging_library", "canary {}", "Marie Dupont");
    let warned = wait_for("some_library::wire", 1);
    assert_eq!((warned.len(), &warned[0]["level"]), (1, &Value::from("WARNING")));
    assert_eq!(warned[0]["event"], "third_party.warning");
    let failed = wait_for("otherlibrarycanary", 1);
    assert_eq!(
        (&failed[0]["event"], &failed[0]["level"]),
        (&"third_party.error".into(), &"ERROR".into())
    );
    assert_eq!(wait_for("logging_library", 1)[0]["logger"], "logging_library");
    assert!(lines().with("Dupont").is_empty(), "{:?}", lines().with("Dupont"));
}

fn play_a_library() {
    tracing::warn!(target: "some_library::wire", "canary {}", "Marie Dupont");
    tracing::info!(target: "some_library::wire", "canary at info");
    tracing::error!(target: "other\nlibrary canary!", canary = "Marie Dupont", "canary");
}

#[test]
fn a_library_that_repeats_itself_is_told_of_once() {
    lines();
    for _ in 0..1000 {
        log::error!(target: "noisy_library", "again");
    }
    telemetry::log(ExamCreated {
        exam_id: uuid_of(77).into(),
    });
    wait_for(&uuid_of(77).to_string(), 1);
    assert_eq!(lines().with("noisy_library").len(), 1);
}

#[test]
fn a_panic_is_logged_by_its_place_and_without_its_message() {
    lines();
    let panicked = std::panic::catch_unwind(|| panic!("canary Marie Dupont"));
    assert!(panicked.is_err());
    let line = wait_for("process.panicked", 1).remove(0);
    assert_eq!(line["level"], "ERROR");
    assert!(
        line["place"]
            .as_str()
            .unwrap()
            .starts_with("telemetry::tests::log_lines:"),
        "{line}"
    );
    assert!(lines().with("Dupont").is_empty());
}

#[test]
fn events_below_the_level_are_not_written() {
    lines();
    let rpc = telemetry::grpc::RpcMethods::new(&["a.B/C"]).find("/a.B/C");
    telemetry::log(RpcCompleted {
        rpc,
        duration: Duration::ZERO,
    });
    telemetry::log(ExamCreated {
        exam_id: uuid_of(78).into(),
    });
    wait_for(&uuid_of(78).to_string(), 1);
    assert!(lines().with("rpc.completed").is_empty());
}

#[test]
fn an_audit_line_names_ids_and_nothing_else() {
    lines();
    let ids = Ids::time_ordered();
    let (copy_id, user): (CopyId, UserId) = (ids.next(), ids.next());
    telemetry::audit(AuditLine {
        action: Action::Validate,
        subject: copy_id.into(),
        seq: 2,
        actor: Actor::User(user),
    });
    let line = wait_for(&copy_id.to_string(), 1).remove(0);
    assert_eq!(line["event"], "audit.recorded");
    assert_eq!(
        (&line["action"], &line["seq"]),
        (&Value::from("VALIDATE"), &Value::from(2))
    );
    assert_eq!(
        (&line["actor_type"], &line["actor_id"]),
        (&Value::from("user"), &Value::from(user.to_string()))
    );
}

#[test]
fn a_path_is_a_template_and_a_status_a_number() {
    lines();
    telemetry::log(HttpCompleted {
        method: Method::of("BREW"),
        path: Route::new("/api/v1/copies/{id}/unique-for-this-test", &[Method::Get]),
        status_code: 200,
        duration: Duration::from_micros(1_234_567),
    });
    let line = wait_for("unique-for-this-test", 1).remove(0);
    assert_eq!(
        (&line["method"], &line["status_code"]),
        (&Value::from("_OTHER"), &Value::from(200))
    );
    assert_eq!(line["duration_ms"], 1234.567);
}

#[test]
fn a_second_start_in_one_process_is_refused() {
    lines();
    let again = Telemetry::start(&Options::new(ServiceName::Gateway, "1"));
    assert!(matches!(again, Err(telemetry::Error::AlreadyStarted)));
}

fn uuid_of(number: u128) -> uuid::Uuid {
    uuid::Uuid::from_u128(number << 64)
}
