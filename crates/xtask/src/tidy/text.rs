//! What the files themselves have to keep: their length, and no notes to oneself.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

const LONGEST: usize = 500;
const LONGEST_MAIN: usize = 60;

/// Notes about work that is not done belong into the issue tracker. Written apart, or this file would be found.
const NOTES: [&str; 4] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("HA", "CK"),
];

pub(crate) fn check(root: &Path) -> Result<Vec<String>> {
    let mut findings = Vec::new();
    for file in files(root)? {
        // Pictures and documents are not text; a file that was just deleted is no file.
        if let Ok(text) = fs::read_to_string(root.join(&file)) {
            findings.extend(too_long(&file, &text));
            findings.extend(notes(&file, &text));
        }
    }
    Ok(findings)
}

/// Everything that is, or is about to be, in the repository.
pub(crate) fn files(root: &Path) -> Result<Vec<String>> {
    let mut command = Command::new("git");
    command
        .args(["ls-files", "--cached", "--others", "--exclude-standard"])
        .current_dir(root);
    let output = command.output().context("git could not be run")?;
    ensure!(output.status.success(), "git does not know this directory");
    Ok(String::from_utf8(output.stdout)?
        .lines()
        .map(str::to_owned)
        .collect())
}

fn too_long(file: &str, text: &str) -> Option<String> {
    let path = Path::new(file);
    let limit = match path.file_name()?.to_str()? {
        "main.rs" => LONGEST_MAIN,
        _other => LONGEST,
    };
    let lines = text.lines().count();
    let too_long = path.extension()? == "rs" && lines > limit;
    too_long.then(|| format!("{file} has {lines} lines, more than {limit}"))
}

fn notes(file: &str, text: &str) -> Vec<String> {
    let lines = text.lines().enumerate();
    let found = lines.filter_map(|(index, line)| {
        let mut words = line.split(|c: char| !c.is_ascii_alphanumeric());
        let note = words.find(|word| NOTES.contains(word))?;
        Some(format!("{file}:{}: {note}", index + 1))
    });
    found.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_to_oneself_are_found_as_words() {
        let text = format!("fine\n// {}: later\nmktemp{}\n", NOTES[0], NOTES[2]);
        assert_eq!(notes("a.rs", &text), [format!("a.rs:2: {}", NOTES[0])]);
    }

    #[test]
    fn long_files_are_found() {
        assert!(too_long("a/lib.rs", &"\n".repeat(500)).is_none());
        assert!(too_long("a/lib.rs", &"\n".repeat(501)).is_some());
        assert!(too_long("a/main.rs", &"\n".repeat(61)).is_some());
    }
}
