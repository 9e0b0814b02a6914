//! Crates that only certain others may use directly, and crates that nobody may use.

use std::collections::BTreeSet;

use crate::metadata::Workspace;
use crate::tidy::policy::{Ban, Policy};

pub(crate) fn check(workspace: &Workspace, policy: &Policy) -> Vec<String> {
    let bans = policy.bans.deny.iter().filter(|ban| !ban.only_several_versions);
    bans.flat_map(|ban| broken(workspace, ban)).collect()
}

fn broken(workspace: &Workspace, ban: &Ban) -> Vec<String> {
    let edges = workspace
        .edges
        .iter()
        .filter(|edge| workspace.name(&edge.to) == ban.name);
    let users: BTreeSet<&str> = edges.map(|edge| workspace.name(&edge.from)).collect();
    let strangers = users
        .into_iter()
        .filter(|user| !ban.wrappers.iter().any(|wrapper| wrapper == user));
    let reason = ban.reason.as_deref().unwrap_or("see .deny.toml");
    strangers
        .map(|user| format!("{user} depends on {}, which it may not: {reason}", ban.name))
        .collect()
}
