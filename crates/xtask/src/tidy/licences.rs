//! Every crate's licence can be accepted.

use crate::metadata::{Package, Workspace};
use crate::tidy::policy::Policy;
use crate::tidy::spdx;

pub(crate) fn check(workspace: &Workspace, policy: &Policy) -> Vec<String> {
    let others = workspace
        .packages
        .values()
        .filter(|package| !workspace.is_ours(&package.id));
    others.filter_map(|package| refused(package, policy)).collect()
}

fn refused(package: &Package, policy: &Policy) -> Option<String> {
    let name = &package.name;
    let Some(expression) = &package.license else {
        return Some(format!("{name} names no licence"));
    };
    let exceptions = policy
        .licenses
        .exceptions
        .iter()
        .filter(|exception| exception.name == *name);
    let allowed: Vec<&String> = policy
        .licenses
        .allow
        .iter()
        .chain(exceptions.flat_map(|exception| &exception.allow))
        .collect();
    match spdx::satisfied(expression, |licence| {
        allowed.iter().any(|allowed| *allowed == licence)
    }) {
        Some(true) => None,
        Some(false) => Some(format!(
            "{name} is licensed under {expression}, which .deny.toml does not allow"
        )),
        None => Some(format!(
            "{name} has a licence that is not understood: {expression}"
        )),
    }
}
