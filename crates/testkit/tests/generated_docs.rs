//! The documents that are generated from the code are what the code says.
//!
//! `make docs` runs this with `UPDATE_DOCS=1`, which writes them instead of comparing.

#![expect(
    clippy::tests_outside_test_module,
    clippy::unwrap_used,
    reason = "all of this file is tests, and a test that cannot go on says so"
)]

#[cfg(test)]
#[path = "canary/kinds.rs"]
mod kinds;
#[cfg(test)]
#[path = "canary/searched.rs"]
mod searched;
#[cfg(test)]
#[path = "canary/written.rs"]
mod written;

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
        ("canaries", canaries()),
        ("levels", levels()),
        ("correlation", correlation()),
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

#[test]
fn the_first_figures_of_each_benchmark_are_in_one_place() {
    let mut text = "# Benchmarks\n\nThe first table of each report; do not edit. What was asked, on which machine, and all other \
                    figures are in the reports.\n"
        .to_owned();
    for report in ["pdf", "office", "ocr", "overload", "telemetry"] {
        let file = format!("benchmarks-{report}.md");
        let whole = fs::read_to_string(path(&file)).unwrap();
        let title = whole.lines().next().unwrap().trim_start_matches("# ");
        let table = whole.lines().skip_while(|line| !line.starts_with('|'));
        let table: Vec<&str> = table.take_while(|line| line.starts_with('|')).collect();
        assert!(table.len() > 2, "{file} has no figures");
        writeln!(text, "\n## [{title}]({file})\n\n{}", table.join("\n")).unwrap();
    }
    check("benchmarks.md", &text);
}

/// Which words are looked for where, and how they may be written.
fn canaries() -> String {
    let kinds: Vec<&str> = kinds::KINDS.iter().map(|(kind, _)| *kind).collect();
    let mut ways: Vec<&str> = Vec::new();
    for (way, _) in written::ways("mot accentué") {
        if !ways.contains(&way) {
            ways.push(way);
        }
    }
    let mut text = format!("Kinds: {}.\n\n", kinds.join(", "));
    writeln!(text, "Written: {}.\n", ways.join(", ")).unwrap();
    text.push_str("| sink | what it is | kinds that must not be there |\n|---|---|---|\n");
    for (sink, what) in searched::SINKS {
        // What ends with a space is followed by which one it is.
        let more = if sink.ends_with(' ') { "…" } else { "" };
        let name = searched::family(sink).unwrap();
        let allowed: Vec<&str> = kinds
            .iter()
            .copied()
            .filter(|kind| searched::is_allowed(sink, kind))
            .collect();
        let refused = if allowed.is_empty() {
            "all".to_owned()
        } else {
            format!("all but {}", allowed.join(", "))
        };
        writeln!(text, "| {name}{more} | {what} | {refused} |").unwrap();
    }
    text.push_str("\n| Table for what people typed | What may be there |\n|---|---|\n");
    for (table, kinds) in searched::CONTENT {
        writeln!(text, "| `{table}` | {} |", kinds.join(", ")).unwrap();
    }
    text
}

/// From where to where the two handles of a request go, and the tests that show it, which have to be there.
fn correlation() -> String {
    /// The name of a test, and its file.
    type Proof = (&'static str, &'static str);
    const METADATA: &str = "metadata of the call";
    const STORY: Proof = ("signals::story", "testkit/tests/signals/story.rs");
    const WAITING: Proof = ("signals::waiting", "testkit/tests/signals/waiting.rs");
    const PROBLEMS: Proof = ("gateway::problems", "gateway/tests/gateway/problems.rs");
    const WAYS: [(&str, &str, &str, &[Proof]); 6] = [
        (
            "caller → gateway",
            "`X-Request-ID`, or a new one",
            "the caller's as a link only",
            &[STORY, WAITING],
        ),
        ("gateway → grading", METADATA, METADATA, &[STORY]),
        (
            "grading → outbox → broker",
            "columns of the row, headers of the message",
            "the same",
            &[STORY, WAITING],
        ),
        (
            "broker → worker, at any attempt",
            "headers of the message",
            "parent and link",
            &[STORY],
        ),
        ("worker → grading", METADATA, METADATA, &[STORY]),
        ("any → answer", "header and problem body", "–", &[PROBLEMS]),
    ];
    let mut text = "| from → to | request id | trace | proof |\n|---|---|---|---|\n".to_owned();
    for (way, request, trace, proofs) in WAYS {
        for (name, file) in proofs {
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(file);
            assert!(file.exists(), "{name} is not at {}", file.display());
        }
        let names: Vec<String> = proofs.iter().map(|(name, _)| format!("`{name}`")).collect();
        writeln!(text, "| {way} | {request} | {trace} | {} |", names.join(", ")).unwrap();
    }
    text
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
