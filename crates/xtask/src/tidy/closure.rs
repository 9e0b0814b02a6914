//! What must not be reachable from a crate at all, by whatever path.

use std::collections::BTreeSet;

use crate::metadata::{Kind, Workspace};

/// The crates that are pure and synchronous.
const PURE: [&str; 2] = ["korrigo-domain", "korrigo-pdf"];

/// Runtimes, and everything that talks to somebody.
const FORBIDDEN: [&str; 9] = [
    "tokio",
    "async-std",
    "tonic",
    "hyper",
    "axum",
    "diesel",
    "lapin",
    "actix-web",
    "tracing",
];

pub(crate) fn check(workspace: &Workspace) -> Vec<String> {
    let mut findings = Vec::new();
    for pure in PURE {
        for id in reachable(workspace, pure) {
            let name = workspace.name(id);
            if FORBIDDEN.contains(&name) {
                findings.push(format!(
                    "{pure} reaches {name}: see `cargo tree -p {pure} -e normal -i {name}`"
                ));
            }
        }
    }
    findings
}

/// Everything that ends in the crate's own code.
fn reachable<'a>(workspace: &'a Workspace, name: &str) -> BTreeSet<&'a str> {
    let start = workspace.members.iter().filter(|id| workspace.name(id) == name);
    let mut open: Vec<&str> = start.map(String::as_str).collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            let edges = workspace
                .edges
                .iter()
                .filter(|edge| edge.from == id && edge.kind == Kind::Normal);
            open.extend(edges.map(|edge| edge.to.as_str()));
        }
    }
    seen
}
