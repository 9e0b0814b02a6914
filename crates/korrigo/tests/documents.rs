//! What the documents tell people to type can be typed, and what they refer to is there.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]
#![expect(
    clippy::tests_outside_test_module,
    reason = "integration tests are a test module of their own"
)]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use korrigo::commands::Cli;
use korrigo::fences::{self, Said};
use service::config::check_words;

/// Documents with commands in them.
const DOCUMENTS: [&str; 4] = [
    "docs/playbook.md",
    "docs/operations.md",
    "docs/alerts.md",
    "README.md",
];
/// What stands for an id, a number, or whatever the reader has.
const ID: &str = "0198c5a0-0000-7000-8000-000000000001";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn read(document: &str) -> String {
    fs::read_to_string(root().join(document)).unwrap()
}

/// The lines between fences that are marked `sh`, or `text` where the drill does not run them.
fn fenced(text: &str) -> Vec<String> {
    let commands = fences::read(text).into_iter().filter_map(|said| match said {
        Said::Fenced {
            mark: "sh" | "text",
            line,
        } => Some(line),
        Said::Fenced { .. } | Said::Plain(_) => None,
    });
    commands.collect()
}

/// The words of each use of `korrigo` in a line: at its beginning, behind variables, or where another command runs it.
fn uses(line: &str) -> Option<Vec<String>> {
    let words = words(line);
    let is_korrigo = |word: &str| matches!(word, "korrigo" | "$KORRIGO");
    let is_setting = |word: &str| {
        word.split_once('=')
            .is_some_and(|(name, _)| name.starts_with("KORRIGO_"))
    };
    let first = words.iter().position(|word| !is_setting(word))?;
    let at = if is_korrigo(words.get(first)?) {
        first
    } else {
        // `docker compose exec SERVICE korrigo`, `kubectl exec POD -- korrigo`.
        let exec = words.iter().position(|word| word == "exec")?;
        let there = words.iter().skip(exec).position(|word| is_korrigo(word))?;
        exec + there
    };
    let own = words.into_iter().skip(at);
    let own = own.take_while(|word| !word.starts_with(['<', '>', '|', '#', ';', '&']));
    Some(own.collect())
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
        "$BATCH" | "$COPY" | "$JOB" | "$REQUEST" | "$KORRIGO_DEMO_COPY" => ID.to_owned(),
        "$PID" => "4711".to_owned(),
        _ => word,
    };
    words.into_iter().map(meant).collect()
}

#[test]
fn every_command_in_a_document_is_one() {
    for document in DOCUMENTS {
        let lines = fenced(&read(document));
        let typed: Vec<_> = lines.iter().filter_map(|line| uses(line)).collect();
        if document != "docs/alerts.md" {
            assert!(!typed.is_empty(), "{document} has none");
        }
        for words in typed {
            let read = check_words(Cli::command(), words.iter().map(OsString::from));
            assert!(read.is_ok(), "{document}: {words:?}: {}", read.unwrap_err());
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

#[test]
fn every_verdict_and_finding_has_its_place_in_the_playbook() {
    let playbook = read("docs/playbook.md");
    let named = |name: &str| playbook.contains(&format!("`{name}`"));
    for finding in korrigo::diagnosis::Finding::ALL {
        assert!(named(finding.as_str()), "{}", finding.as_str());
    }
    for verdict in korrigo::diagnosis::Verdict::ALL {
        assert!(
            !verdict.is_trouble() || named(verdict.as_str()),
            "{}",
            verdict.as_str()
        );
    }
}
