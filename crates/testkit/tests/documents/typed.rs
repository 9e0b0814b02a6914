//! The lines of the two documents, and which test types them. What is in neither list is typed by nobody, and found here.

use std::collections::BTreeSet;

use korrigo::fences::{self, Line};

pub(crate) const OPERATIONS: &str = include_str!("../../../../docs/operations.md");
pub(crate) const PLAYBOOK: &str = include_str!("../../../../docs/playbook.md");
pub(crate) const SECURITY: &str = include_str!("../../../../SECURITY.md");

/// Sections of docs/operations.md with commands, all of which are typed.
pub(crate) const SYSTEMD: &str = "One machine, with systemd";
pub(crate) const CONTAINERS: &str = "One machine, with containers";
pub(crate) const KUBERNETES: &str = "Several machines, with Kubernetes";
pub(crate) const BUCKET: &str = "Blobs in a bucket";
pub(crate) const CERTIFICATES: &str = "Certificates between the services";
pub(crate) const UPGRADES: &str = "Upgrades";
/// The part of it that is not typed on the way forward.
pub(crate) const WAY_BACK: &str = "The way back";
pub(crate) const BACKUP: &str = "Backup";
pub(crate) const RESTORE: &str = "Restore";
pub(crate) const RETENTION: &str = "What is kept, and for how long";

/// The section of SECURITY.md with commands, to which docs/operations.md leads.
pub(crate) const SECRETS: &str = "Secrets";

/// Sections of the playbook with commands that no drill runs, all of which are typed.
pub(crate) const WHICH: &str = "Which scenario is it";
pub(crate) const IMPORT: &str = "Import stuck";
pub(crate) const FAILING: &str = "Finalization failing";
pub(crate) const BROKEN: &str = "Audit chain broken";
pub(crate) const CHEAT_SHEET: &str = "Cheat sheet";

/// What is between fences and no command.
const NO_COMMANDS: [(&str, &str); 1] = [("Telling others", "what is written to people")];

/// The lines of one section between fences with one of these marks.
pub(crate) fn lines(text: &str, section: &str, mark: &str) -> Vec<String> {
    let all = fences::lines(text).into_iter();
    let chosen: Vec<_> = all
        .filter(|line| (line.section, line.mark) == (section, mark))
        .map(|line| line.text)
        .collect();
    assert!(!chosen.is_empty(), "{section} has none");
    chosen
}

/// The lines of one part of a section, those between the same fences together. What comes before the first heading of a part
/// is the part without a name.
pub(crate) fn blocks(text: &str, section: &str, part: &str) -> Vec<Vec<String>> {
    let mut chosen = fences::lines(text);
    chosen.retain(|line| (line.section, line.part) == (section, part));
    let blocks = chosen.chunk_by(|line, next| line.fence == next.fence);
    let texts = |block: &[Line<'_>]| block.iter().map(|line| line.text.clone()).collect();
    blocks.map(texts).collect()
}

fn sections<'a>(text: &'a str, mark: &str) -> BTreeSet<&'a str> {
    let lines = fences::lines(text).into_iter();
    let marked = lines.filter(|line| line.mark == mark);
    marked.map(|line| line.section).collect()
}

#[test]
fn every_line_between_fences_has_who_types_it() {
    let of_operations = [
        SYSTEMD,
        CONTAINERS,
        KUBERNETES,
        BUCKET,
        CERTIFICATES,
        UPGRADES,
        BACKUP,
        RESTORE,
        RETENTION,
    ];
    assert_eq!(sections(OPERATIONS, "sh"), of_operations.into());
    let of_playbook = [WHICH, IMPORT, FAILING, BROKEN, CHEAT_SHEET];
    assert_eq!(sections(PLAYBOOK, "shell"), of_playbook.into());
    let no_commands = NO_COMMANDS.map(|(section, _)| section);
    assert_eq!(sections(PLAYBOOK, "text"), no_commands.into());

    // Those marked `sh` in the playbook are the drill's, which sees to it that it runs each of them.
    let known = |line: &Line<'_>| ["sh", "shell", "text"].contains(&line.mark);
    assert!(fences::lines(PLAYBOOK).iter().all(known));
    assert!(fences::lines(OPERATIONS).iter().all(|line| line.mark == "sh"));
    assert_eq!(sections(SECURITY, "sh"), [SECRETS].into());
}
