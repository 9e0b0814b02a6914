//! The documents that are generated from the code are what the code says.
//!
//! `make docs` runs this with `UPDATE_DOCS=1`, which writes them instead of comparing.

#![expect(
    clippy::tests_outside_test_module,
    clippy::unwrap_used,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use contracts::{Code, Language};

#[test]
fn the_configuration_is_documented() {
    let services = [
        gateway::Config::command(),
        grading::Config::command(),
        pdf_worker::Config::command(),
    ];
    check("configuration.md", &service::config::markdown(&services));
}

#[test]
fn the_metrics_are_documented() {
    check("metrics.md", &telemetry::inventory::metrics_markdown());
}

#[test]
fn the_log_events_are_documented() {
    check("logging.md", &telemetry::inventory::events_markdown());
}

#[test]
fn the_spans_are_documented() {
    check("traces.md", &telemetry::inventory::spans_markdown());
}

#[test]
fn the_http_api_is_documented() {
    check("openapi.json", &gateway::openapi());
}

#[test]
fn the_error_codes_are_documented() {
    let mut text = "# Error codes\n\nGenerated from `contracts`; do not edit.\n\n".to_owned();
    text.push_str("| code | HTTP | gRPC | English | Français |\n|---|---|---|---|---|\n");
    for code in Code::ALL {
        let (name, http, grpc) = (code.as_str(), code.http(), code.grpc());
        let (en, fr) = (code.detail(Language::English), code.detail(Language::French));
        writeln!(text, "| `{name}` | {http} | {grpc:?} | {en} | {fr} |").unwrap();
    }
    check("errors.md", &text);
}

#[test]
fn the_tables_of_the_audit_are_what_the_code_says() {
    let mut text = fs::read_to_string(path("audit.md")).unwrap();
    for (name, table) in [
        ("levels", levels()),
        ("contract", contract()),
        ("actions", actions()),
    ] {
        let (begin, end) = (format!("<!-- {name} -->\n"), "<!-- end -->");
        let (before, rest) = text.split_once(&begin).unwrap();
        let (_, after) = rest.split_once(end).unwrap();
        text = format!("{before}{begin}{table}{end}{after}");
    }
    check("audit.md", &text);
}

/// How many events of each family have which level.
fn levels() -> String {
    use telemetry::event::Level;

    let mut text =
        "| family | DEBUG | INFO | WARNING | ERROR | CRITICAL |\n|---|---|---|---|---|---|\n".to_owned();
    let mut families = BTreeMap::<&str, BTreeMap<&str, usize>>::new();
    for event in telemetry::events::all() {
        let family = event.code.split('.').next().unwrap_or_default();
        *families
            .entry(family)
            .or_default()
            .entry(event.level.as_str())
            .or_default() += 1;
    }
    for (family, counts) in families {
        write!(text, "| `{family}` |").unwrap();
        for level in Level::ALL {
            let count = counts.get(level.as_str()).copied().unwrap_or_default();
            write!(text, " {count} |").unwrap();
        }
        text.push('\n');
    }
    text
}

/// What the first specification of this system asked for, and whether it is there under that name.
fn contract() -> String {
    const ASKED: &[&str] = &[
        "grading_import_duration_seconds",
        "grading_finalize_duration_seconds",
        "grading_ocr_errors_total",
        "grading_lock_conflicts_total",
        "grading_copies_by_status",
        "grading_events_created_total",
        "http_requests_total",
        "http_request_duration_seconds",
    ];
    let metrics = telemetry::inventory::metrics_markdown();
    let mut text = "| metric | labels | services |\n|---|---|---|\n".to_owned();
    for name in ASKED {
        let row = metrics
            .lines()
            .find(|line| line.starts_with(&format!("| `{name}` |")));
        let columns: Vec<&str> = row.unwrap().split('|').map(str::trim).collect();
        let column = |number| columns.get(number).copied().unwrap();
        let (labels, services) = (column(3), column(4));
        writeln!(text, "| `{name}` | {labels} | {services} |").unwrap();
    }
    text
}

/// Every action.
fn actions() -> String {
    let actions = domain::audit::Action::ALL.iter();
    let actions: Vec<String> = actions.map(|action| format!("`{}`", action.as_str())).collect();
    format!("{}.\n", actions.join(", "))
}

fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name)
}

#[expect(
    clippy::disallowed_methods,
    reason = "whether to write is for the person who runs it to say"
)]
fn check(name: &str, generated: &str) {
    let path = path(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "docs/{name} is out of date: run `make docs` and look at the difference"
    );
}
