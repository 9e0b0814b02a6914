//! Crates come from the one registry or from the workspace: no git, no second registry.

use crate::metadata::Workspace;

pub(crate) fn check(workspace: &Workspace) -> Vec<String> {
    let packages = workspace.packages.values();
    let strangers = packages.filter(|package| match &package.source {
        Some(source) => !source.starts_with("registry+https://github.com/rust-lang/"),
        None => !workspace.is_ours(&package.id),
    });
    strangers
        .map(|package| {
            format!(
                "{} comes from neither the registry nor the workspace",
                package.name
            )
        })
        .collect()
}
