//! What the documents tell people to type can be typed, and what they refer to is there.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use clap::error::ErrorKind;
use korrigo::commands::Cli;
use korrigo::fences::{self, Said};
use service::config::check_words;

/// Documents with commands in them.
const DOCUMENTS: [&str; 8] = [
    "docs/playbook.md",
    "docs/operations.md",
    "docs/alerts.md",
    "docs/audit-verification.md",
    "README.md",
    "CONTRIBUTING.md",
    "SECURITY.md",
    "deploy/README.md",
];
/// What stands for an id, a number, or whatever the reader has.
const ID: &str = "0198c5a0-0000-7000-8000-000000000001";

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

pub(crate) fn read(document: &str) -> String {
    fs::read_to_string(root().join(document)).unwrap()
}

/// The lines between fences that are for a shell, and what is written as code within sentences.
fn commands(text: &str) -> Vec<String> {
    let fenced = fences::read(text).into_iter().filter_map(|said| match said {
        Said::Fenced {
            mark: "sh" | "shell",
            line,
        } => Some(line),
        Said::Fenced { .. } | Said::Plain(_) => None,
    });
    fenced.chain(fences::inline(text)).collect()
}

/// The words of each use of `korrigo` in a line: at its beginning, behind variables, or where another command runs it.
fn uses(line: &str) -> Option<Vec<String>> {
    let words = words(line);
    // `NAME=$(korrigo …)` keeps what it says.
    let is_korrigo = |word: &str| {
        let called = word.rsplit_once("$(").map_or(word, |(_, called)| called);
        matches!(called, "korrigo" | "new/korrigo" | "$KORRIGO")
    };
    let first = words.iter().position(|word| !is_setting(word))?;
    let at = if is_korrigo(words.get(first)?) {
        first
    } else {
        // `docker compose run SERVICE korrigo`, `kubectl exec POD -- korrigo`.
        let exec = words
            .iter()
            .position(|word| ["run", "exec"].contains(&word.as_str()))?;
        let there = words.iter().skip(exec).position(|word| is_korrigo(word))?;
        exec + there
    };
    let own = words.into_iter().skip(at);
    let own = own.take_while(|word| !word.starts_with(['<', '>', '|', '#', ';', '&']));
    let own = own.take_while(|word| word != "2>&1");
    Some(own.collect())
}

fn is_setting(word: &str) -> bool {
    word.split_once('=')
        .is_some_and(|(name, _)| name.starts_with("KORRIGO_"))
}

/// As a shell parts a line, with what variables hold.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for character in line.chars() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            (_, _) => word.get_or_insert_default().push(character),
        }
    }
    words.extend(word);
    let meant = |word: String| match word.as_str() {
        "$BATCH" | "$COPY" | "$JOB" | "$NEW_JOB" | "$REQUEST" | "$KORRIGO_DEMO_COPY" | "ID" | "COPY" => {
            ID.to_owned()
        }
        "$PID" | "PID" | "$SIZE" | "SIZE" | "SEQ" | "OLD" | "NEW" | "N" | "$N" => "4711".to_owned(),
        "REASON" => "other".to_owned(),
        _ => word,
    };
    words.into_iter().map(meant).collect()
}

/// Whether this is all of a command, or names one without what it needs.
fn is_understood(words: &[String]) -> Result<(), String> {
    let read = check_words(Cli::command(), words.iter().map(OsString::from));
    let only_named = |kind| {
        matches!(
            kind,
            ErrorKind::MissingRequiredArgument
                | ErrorKind::MissingSubcommand
                | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand
        )
    };
    read.or_else(|error| {
        if error.kind() == ErrorKind::DisplayHelp || only_named(error.kind()) {
            Ok(())
        } else {
            Err(error.to_string())
        }
    })
}

#[test]
fn every_command_in_a_document_is_one() {
    let mut known = 0;
    for document in DOCUMENTS {
        for line in commands(&read(document)) {
            if let Some(words) = uses(&line) {
                is_understood(&words).unwrap_or_else(|why| panic!("{document}: {line}: {why}"));
                known += 1;
            }
        }
    }
    assert!(known > 150, "only {known} were found");
}

#[test]
fn every_target_of_make_in_a_document_is_one() {
    let makefile = read("Makefile");
    for document in DOCUMENTS {
        for line in commands(&read(document)) {
            let words: Vec<_> = line.split(' ').skip_while(|word| is_setting(word)).collect();
            if let ["make", target, ..] = words.as_slice() {
                let declared = format!("\n{target}:");
                assert!(makefile.contains(&declared), "{document}: {line}");
            }
        }
    }
}

/// What the links of a document lead to.
fn links(text: &str) -> Vec<String> {
    let ends = text.split("](").skip(1);
    ends.filter_map(|rest| Some(rest.split_once(')')?.0.to_owned()))
        .collect()
}

fn anchors(text: &str) -> BTreeSet<String> {
    let headings = text
        .lines()
        .filter(|line| line.starts_with('#'))
        .map(|line| line.trim_start_matches('#').trim().to_lowercase());
    let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
    headings
        .map(|heading| heading.chars().filter(kept).collect::<String>().replace(' ', "-"))
        .collect()
}

#[test]
fn every_link_leads_to_a_file_and_a_heading_that_are_there() {
    for document in DOCUMENTS {
        let text = read(document);
        let here = root().join(document);
        for link in links(&text).iter().filter(|link| !link.contains("://")) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if file.is_empty() {
                here.clone()
            } else {
                here.parent().unwrap().join(file)
            };
            assert!(target.exists(), "{document}: {link}");
            if !anchor.is_empty() {
                let headings = anchors(&fs::read_to_string(&target).unwrap());
                assert!(headings.contains(anchor), "{document}: {link}");
            }
        }
    }
}

#[test]
fn every_alert_that_is_spoken_of_exists() {
    let alerts = anchors(&read("docs/alerts.md"));
    for document in DOCUMENTS {
        let text = read(document);
        let names = text.split(|c: char| !c.is_ascii_alphanumeric());
        let alert = |word: &&str| {
            let rest = word.strip_prefix("Korrigo");
            rest.is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
        };
        for name in names.filter(alert) {
            assert!(alerts.contains(&name.to_lowercase()), "{document}: {name}");
        }
    }
}
