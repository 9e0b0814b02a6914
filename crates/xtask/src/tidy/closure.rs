//! What must not be reachable from a crate at all, by whatever path.

use std::collections::BTreeSet;

use crate::metadata::{Kind, Package, Workspace};

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
        for id in reachable(workspace, &[pure], &[Kind::Normal]) {
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

/// Our own crates that have to be compiled for these.
pub(super) fn compiled_into<'a>(workspace: &'a Workspace, programs: &[&str]) -> Vec<&'a Package> {
    let all = reachable(workspace, programs, &[Kind::Normal, Kind::Build]).into_iter();
    let ours = all.filter(|id| workspace.is_ours(id));
    ours.filter_map(|id| workspace.packages.get(id)).collect()
}

/// Everything that crates use in one of these ways, with themselves.
fn reachable<'a>(workspace: &'a Workspace, names: &[&str], kinds: &[Kind]) -> BTreeSet<&'a str> {
    let start = workspace.members.iter();
    let start = start.filter(|id| names.contains(&workspace.name(id)));
    let mut open: Vec<&str> = start.map(String::as_str).collect();
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        if seen.insert(id) {
            let edges = workspace
                .edges
                .iter()
                .filter(|edge| edge.from == id && kinds.contains(&edge.kind));
            open.extend(edges.map(|edge| edge.to.as_str()));
        }
    }
    seen
}
