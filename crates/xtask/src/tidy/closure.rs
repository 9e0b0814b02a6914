//! What must not be reachable from a crate at all, by whatever path.

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
        for id in workspace.reachable(&[pure], &[Kind::Normal]) {
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
