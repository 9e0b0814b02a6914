//! What a scrape of the grading service shows.

#![expect(
    clippy::tests_outside_test_module,
    reason = "an integration test is a test module"
)]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::time::Duration;

use domain::audit::Action;
use domain::{JobKind, Status};
use telemetry::grpc::{RpcMethods, RpcStatus};
use telemetry::http::{Method, Route, Routes};
use telemetry::metrics::{self, JobEnd, LockConflict, Metrics, TransactionResult};
use telemetry::{Lines, Options, Output, ServiceName, Telemetry};

const COPY: Route = Route::new("/api/v1/copies/{id}", &[Method::Get, Method::Head]);
const VALIDATE: Route = Route::new("/api/v1/copies/{id}/validate", &[Method::Post]);
const ROUTES: Routes = Routes::new(&[COPY, VALIDATE]);
const METHODS: RpcMethods = RpcMethods::new(&["korrigo.grading.v1.Copies/Get"]);

/// Started once for the tests of this file.
fn shown() -> &'static Metrics {
    static SHOWN: OnceLock<(Metrics, Telemetry)> = OnceLock::new();
    &SHOWN
        .get_or_init(|| {
            let mut options = Options::new(ServiceName::Grading, "9.9.9");
            options.output = Output::Memory(Lines::new());
            let telemetry = Telemetry::start(&options).unwrap();
            metrics::begin_routes([(Method::Get, COPY, 200), (Method::Post, VALIDATE, 200)]);
            metrics::begin_rpc_server(METHODS);
            (telemetry.metrics().unwrap(), telemetry)
        })
        .0
}

/// The value of a series.
fn value(series: &str) -> Option<f64> {
    let text = shown().render();
    let line = text
        .lines()
        .find(|line| line.rsplit_once(' ').is_some_and(|(name, _)| name == series))?;
    line.rsplit_once(' ').and_then(|(_, value)| value.parse().ok())
}

/// The names of all series.
fn series() -> BTreeSet<String> {
    let text = shown().render();
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| line.rsplit_once(' ').map(|(name, _)| name.to_owned()))
        .collect()
}

#[test]
fn every_series_of_a_closed_set_is_there_before_anything_happened() {
    for (name, label, values) in [
        (
            "grading_lock_conflicts_total",
            "conflict_type",
            vec!["already_locked", "expired", "token_mismatch", "db_contention"],
        ),
        (
            "grading_copies_by_status",
            "status",
            Status::ALL.iter().map(|status| status.as_str()).collect(),
        ),
        (
            "grading_events_created_total",
            "action",
            Action::ALL.iter().map(|action| action.as_str()).collect(),
        ),
        (
            "grading_critical_total",
            "code",
            vec!["import.exhausted", "database.deadlock"],
        ),
    ] {
        for text in values {
            assert!(
                value(&format!("{name}{{{label}=\"{text}\"}}")).is_some(),
                "{name} {text}"
            );
        }
    }
    assert!(value("process_open_fds").is_some());
}

#[test]
fn what_the_process_serves_is_there_before_anything_happened() {
    assert_eq!(
        value("build_info{version=\"9.9.9\",git_sha=\"unknown\"}"),
        Some(1.0)
    );
    for series in [
        "rpc_server_duration_seconds_count{method=\"korrigo.grading.v1.Copies/Get\"}",
        "rpc_server_calls_total{service=\"Copies\",code=\"DATA_LOSS\"}",
        "http_requests_total{method=\"POST\",path=\"/api/v1/copies/{id}/validate\",status=\"200\"}",
        "http_requests_total{method=\"_OTHER\",path=\"_unmatched\",status=\"405\"}",
    ] {
        assert!(value(series).is_some(), "{series}");
    }
}

#[test]
fn every_metric_has_a_help_text_and_a_type() {
    let text = shown().render();
    for name in text.lines().filter_map(|line| line.strip_prefix("# TYPE ")) {
        let name = name.split(' ').next().unwrap();
        assert!(text.contains(&format!("# HELP {name} ")), "{name}");
    }
}

#[test]
fn what_is_recorded_is_shown() {
    shown();
    metrics::lock_conflict(LockConflict::Expired);
    metrics::copies_by_status(&[(Status::Staging, 3), (Status::Ready, 4)]);
    metrics::job_ended(JobKind::ImportCopy, JobEnd::HandedBack);
    metrics::transaction_finished(TransactionResult::Timeout, Duration::from_millis(2));
    let counted = |series: &str, expected: f64| assert_eq!(value(series), Some(expected), "{series}");
    counted("grading_lock_conflicts_total{conflict_type=\"expired\"}", 1.0);
    counted("grading_copies_by_status{status=\"READY\"}", 4.0);
    counted(
        "grading_jobs_finished_total{kind=\"IMPORT_COPY\",outcome=\"handed_back\"}",
        1.0,
    );
    counted("db_transaction_duration_seconds_count{result=\"timeout\"}", 1.0);
    assert!(value("grading_copies_by_status_updated_timestamp_seconds") > Some(1_700_000_000.0));
}

#[test]
fn strangers_cannot_make_series() {
    shown();
    metrics::http_begun();
    metrics::http_finished(Method::Get, COPY, 200, Duration::ZERO);
    let before = series();
    for number in 0..500 {
        let request = |method: &str, path: &str| {
            metrics::http_begun();
            let method = Method::of(method);
            let route = ROUTES.find(Some(path));
            let status = if route == Route::UNMATCHED { 404 } else { 405 };
            metrics::http_finished(method, route, status, Duration::ZERO);
        };
        request(&format!("M{number}"), &format!("/made/up/{number}"));
        request(&format!("M{number}"), "/api/v1/copies/{id}");
        for method in Method::ALL.iter().filter(|method| **method != Method::Post) {
            request(method.as_str(), "/api/v1/copies/{id}/validate");
        }
        let rpc = METHODS.find(&format!("/evil.Service/{number}"));
        metrics::rpc_server_finished(rpc, RpcStatus::Unimplemented, Duration::ZERO);
    }
    let after = series();
    let new: Vec<_> = after.difference(&before).collect();
    assert!(new.is_empty(), "{new:?}");
    assert!(after.len() < 2000, "{}", after.len());
    assert!(!after.iter().any(|name| name.contains("made")));
}
