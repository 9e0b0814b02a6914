//! Landlock: the child's own directory, and no other file; no TCP port; no signal and no socket to anybody. A program that
//! reads has not even that directory: only what it is made of.

use std::path::Path;

use landlock::{
    ABI, Access, AccessFs, AccessNet, PathBeneath, PathFd, RestrictionStatus, Ruleset, RulesetAttr,
    RulesetCreatedAttr, RulesetError, RulesetStatus, Scope, path_beneath_rules,
};

use super::read::root_of;
use crate::sandbox::Layer;

/// The newest rules asked for. An older kernel enforces those it knows.
const RULES: ABI = ABI::V6;

/// Where programs find their libraries, and Tesseract its languages. It is what everybody on the machine may read.
const LIBRARIES: &[&str] = &[
    "etc/ld.so.cache",
    "lib",
    "lib64",
    "usr/lib",
    "usr/lib64",
    "usr/local/lib",
    "usr/share/tessdata",
    "usr/share/tesseract-ocr",
];
/// The programs that load programs.
const LOADERS: &[&str] = &["/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1"];

/// Restricts this process to its working directory, or the program that it becomes to itself. Says how far the kernel
/// went along.
pub(super) fn restrict(reader: Option<&Path>) -> Layer {
    let restricted = match reader {
        Some(program) => restrict_reader(program),
        None => try_restrict(),
    };
    match restricted.map(|status| status.ruleset) {
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

/// What is not there is not needed either.
fn restrict_reader(program: &Path) -> Option<RestrictionStatus> {
    let programs = LOADERS.iter().map(Path::new).chain([program]);
    let libraries = [Path::new("/")].into_iter().chain(root_of(program));
    let libraries = libraries.flat_map(|root| LIBRARIES.iter().map(|path| root.join(path)));
    ruleset()
        .and_then(|ruleset| {
            ruleset
                .create()?
                .add_rules(path_beneath_rules(libraries, AccessFs::ReadFile))?
                .add_rules(path_beneath_rules(
                    programs,
                    AccessFs::ReadFile | AccessFs::Execute,
                ))?
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
