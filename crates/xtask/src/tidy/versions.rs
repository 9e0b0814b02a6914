//! One version of the crates whose types cross ours.

use std::collections::BTreeSet;

use crate::metadata::Workspace;
use crate::tidy::policy::Policy;

pub(crate) fn check(workspace: &Workspace, policy: &Policy) -> Vec<String> {
    let bans = policy.bans.deny.iter().filter(|ban| ban.only_several_versions);
    bans.filter_map(|ban| {
        let packages = workspace
            .packages
            .values()
            .filter(|package| package.name == ban.name);
        let versions: BTreeSet<&str> = packages.map(|package| package.version.as_str()).collect();
        let list = versions.iter().copied().collect::<Vec<_>>().join(", ");
        (versions.len() > 1).then(|| format!("there are several versions of {}: {list}", ban.name))
    })
    .collect()
}
