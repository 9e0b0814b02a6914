//! Landlock: the child's own directory, and no other file; no TCP port; no signal and no socket to anybody.

use landlock::{
    ABI, Access, AccessFs, AccessNet, PathBeneath, PathFd, RestrictionStatus, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope,
};

use crate::sandbox::Layer;

/// The newest rules asked for. An older kernel enforces those it knows.
const RULES: ABI = ABI::V6;

/// Restricts this process to its working directory. Says how far the kernel went along.
pub(super) fn restrict() -> Layer {
    match try_restrict().map(|status| status.ruleset) {
        Some(RulesetStatus::FullyEnforced) => Layer::Full,
        Some(RulesetStatus::PartiallyEnforced) => Layer::Partial,
        Some(RulesetStatus::NotEnforced) | None => Layer::Absent,
    }
}

fn try_restrict() -> Option<RestrictionStatus> {
    let here = PathFd::new(".").ok()?;
    let needed = AccessFs::ReadFile | AccessFs::WriteFile | AccessFs::MakeReg | AccessFs::Truncate;
    ruleset()
        .and_then(|ruleset| {
            ruleset
                .create()?
                .add_rule(PathBeneath::new(here, needed))?
                .restrict_self()
        })
        .ok()
}

fn ruleset() -> Result<Ruleset, RulesetError> {
    Ruleset::default()
        .handle_access(AccessFs::from_all(RULES))?
        .handle_access(AccessNet::from_all(RULES))?
        .scope(Scope::from_all(RULES))
}
