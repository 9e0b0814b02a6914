//! The documents that are generated from the code are what the code says.
//!
//! `make docs` runs this with `UPDATE_DOCS=1`, which writes them instead of comparing.

#![expect(
    clippy::tests_outside_test_module,
    clippy::unwrap_used,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

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

#[expect(
    clippy::disallowed_methods,
    reason = "whether to write is for the person who runs it to say"
)]
fn check(name: &str, generated: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(name);
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, generated).unwrap();
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == generated,
        "docs/{name} is out of date: run `make docs` and look at the difference"
    );
}
