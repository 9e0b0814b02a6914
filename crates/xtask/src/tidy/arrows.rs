//! Which of our crates may depend on which. The table is the one of `docs/architecture.md`.

use crate::metadata::{Kind, Workspace};

/// Each crate and what it may use, without the prefix of our package names.
const ALLOWED: [(&str, &[&str]); 17] = [
    ("domain", &[]),
    ("failpoint", &[]),
    ("contracts", &["domain"]),
    ("telemetry", &["domain"]),
    ("service", &["domain", "failpoint", "telemetry"]),
    ("store", &["domain", "failpoint", "telemetry"]),
    ("broker", &["telemetry"]),
    ("blobs", &["domain"]),
    ("pdf", &["domain"]),
    ("pdf-bench", &["domain", "pdf"]),
    ("load-bench", &["domain", TESTKIT]),
    (
        "gateway",
        &[
            "domain",
            "contracts",
            "failpoint",
            "blobs",
            "service",
            "telemetry",
        ],
    ),
    (
        "grading",
        &[
            "domain",
            "contracts",
            "failpoint",
            "store",
            "broker",
            "service",
            "telemetry",
        ],
    ),
    (
        "pdf-worker",
        &[
            "domain",
            "contracts",
            "failpoint",
            "broker",
            "blobs",
            "pdf",
            "service",
            "telemetry",
        ],
    ),
    (
        "korrigo",
        &[
            "domain",
            "contracts",
            "store",
            "broker",
            "blobs",
            "service",
            "telemetry",
        ],
    ),
    ("xtask", &[]),
    (TESTKIT, &EVERYTHING),
];

const TESTKIT: &str = "testkit";

const EVERYTHING: [&str; 13] = [
    "domain",
    "failpoint",
    "contracts",
    "telemetry",
    "service",
    "store",
    "broker",
    "blobs",
    "pdf",
    "gateway",
    "grading",
    "pdf-worker",
    "korrigo",
];

/// What writes lines, spans and figures. Of our crates only telemetry may use it, tests too; so many crates of others do that
/// `.deny.toml`, which has to name them all, is no place for it.
const OF_TELEMETRY: [&str; 5] = ["log", "metrics", "opentelemetry", "tracing", "tracing-subscriber"];

pub(crate) fn check(workspace: &Workspace) -> Vec<String> {
    let names = workspace.members.iter().map(|id| short(workspace.name(id)));
    let unknown = names.filter(|name| allowed(name).is_none()).map(|name| {
        format!(
            "crates/{name} is not in the table of xtask/src/tidy/arrows.rs: say there what it may depend on"
        )
    });
    let ours = workspace
        .edges
        .iter()
        .filter(|edge| workspace.is_ours(&edge.from) && workspace.is_ours(&edge.to));
    let crossed = ours.filter_map(|edge| {
        let (from, to) = (short(workspace.name(&edge.from)), short(workspace.name(&edge.to)));
        // Tests may use the test kit, nothing else may.
        let fine = allowed(from)?.contains(&to) || (edge.kind == Kind::Dev && to == TESTKIT);
        (!fine).then(|| format!("{from} depends on {to}, which it may not (docs/architecture.md)"))
    });
    unknown.chain(crossed).chain(untyped(workspace)).collect()
}

fn untyped(workspace: &Workspace) -> impl Iterator<Item = String> {
    let edges = workspace.edges.iter();
    let written = edges.filter(|edge| OF_TELEMETRY.contains(&workspace.name(&edge.to)));
    let ours = written.filter(|edge| workspace.is_ours(&edge.from));
    ours.filter_map(|edge| {
        let (from, to) = (short(workspace.name(&edge.from)), workspace.name(&edge.to));
        (from != "telemetry").then(|| {
            format!("{from} depends on {to}, which only telemetry may: lines, spans and figures are typed")
        })
    })
}

fn allowed(name: &str) -> Option<&'static [&'static str]> {
    let mut rows = ALLOWED.iter();
    rows.find_map(|(row, allowed)| (*row == name).then_some(*allowed))
}

fn short(name: &str) -> &str {
    name.strip_prefix("korrigo-").unwrap_or(name)
}
