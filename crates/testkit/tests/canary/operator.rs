//! What operators do: every command, as it prints tables and as it prints JSON, and what it writes to files.

use std::collections::BTreeSet;
use std::process::Output;

use clap::{Command, CommandFactory as _};
use korrigo::commands::Cli;
use testkit::System;

use crate::driver::Driver;
use crate::kinds::{EMAIL, NAME};
use crate::work::Office;

/// Where operators write to, in the directory of the system.
pub(crate) const FILES: &str = "operator";

/// Commands that are not of the sweep: they make what the sweep begins with, take down what it needs, or work on a stack
/// of their own.
const NOT_HERE: &[&str] = &[
    "audit begin-anew",
    "blockers end",
    "completions",
    "dev",
    "drill",
    "migrate bootstrap",
    "migrate down",
    "migrate up",
    "restore",
];

impl Driver {
    /// Runs a command that is to be understood, and keeps what it says.
    pub(crate) fn operate(&mut self, system: &System, words: &[&str]) -> Output {
        let output = system.operate(words);
        assert!(
            [Some(0), Some(1)].contains(&output.status.code()),
            "{words:?}: {output:?}"
        );
        self.passing.hear(&output);
        self.operated.insert(words.join(" "));
        output
    }

    /// A backup, while everything is as it should be.
    pub(crate) fn back_up(&mut self, system: &System) {
        let directory = format!("{FILES}/backup");
        std::fs::create_dir(system.path(FILES)).unwrap();
        for words in [
            &["backup", "take", "--json", &directory][..],
            &["backup", "verify", &directory],
            &["backup", "verify", "--json", &directory],
        ] {
            let done = self.operate(system, words);
            assert!(done.status.success(), "{words:?}: {done:?}");
        }
    }

    /// Everything else that can be asked, or ordered.
    pub(crate) fn look(&mut self, system: &System, office: &Office) {
        let admins: Vec<String> = system.services().map(testkit::Service::admin).collect();
        let admins = admins.join(",");
        let requests = "SELECT request_id FROM grading.jobs ORDER BY id LIMIT 1";
        let request = system.database.texts(requests).concat();
        let (copy, job) = (office.copy.as_str(), office.job.as_str());
        for words in [
            &["status", "--admin-urls", &admins][..],
            &["diagnose", "copy", copy],
            &["diagnose", "job", job],
            &["diagnose", "request", &request],
            &["jobs", "list", "--stuck", "--stuck-after", "1ms"],
            &["jobs", "list"],
            &["dead-letters", "list"],
            &["locks", "list"],
            &["copies", "stuck"],
            &["batches", "list"],
            &["blockers", "list"],
            &["migrate", "status"],
            &["blobs", "sweep", "--dry-run"],
            &["audit", "verify"],
            &["audit", "reconcile"],
        ] {
            self.operate(system, words);
            self.operate(system, &[words, &["--json"]].concat());
        }
        for words in [
            &["migrate", "check"][..],
            &["audit", "prove", copy, "1"],
            &["audit", "consistency", "1", "2"],
        ] {
            self.operate(system, words);
        }
        let key = format!("{FILES}/audit-key");
        let origin = "korrigo.example/canary";
        self.operate(system, &["audit", "key", "new", "--origin", origin, "--to", &key]);
        self.order(system, office);
    }

    /// In somebody's name. What cannot be done any more is refused.
    fn order(&mut self, system: &System, office: &Office) {
        let (copy, job) = (office.copy.as_str(), office.job.as_str());
        let pupil = system.database.pupil();
        let listed = self.operate(system, &["dead-letters", "list", "--json"]);
        let letters: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
        let letter = letters[0]["letter"].as_str().unwrap();
        self.operate(system, &["dead-letters", "show", letter]);
        self.operate(system, &["dead-letters", "show", letter, "--json"]);
        let operator = ["--operator", system.admin_login()];
        let (trail, again) = (format!("{FILES}/trail"), format!("{FILES}/trail-again"));
        for words in [
            &["jobs", "retry", job][..],
            &["jobs", "cancel", job],
            &["dead-letters", "replay", "--all"],
            &["dead-letters", "discard", "000000000000"],
            &["locks", "release", copy, "--reason", "other"],
            &["copies", "retry", copy],
            &["copies", "discard", copy, "--reason", "bad_scan"],
            &["batches", "discard", &office.batch, "--reason", "bad_scan"],
            &["retention", "report"],
            &["retention", "report", "--json"],
            &["retention", "purge", "--yes"],
            &["retention", "erase", &pupil, "--yes"],
            &["audit", "export", "--to", &trail],
            &["audit", "export", "--json", "--to", &again],
        ] {
            self.operate(system, &[words, &operator].concat());
        }
        for what in ["disable", "enable", "invite", "disable"] {
            let done = self.operate(
                system,
                &[&["users", what, "--login", EMAIL], operator.as_slice()].concat(),
            );
            assert!(done.status.success(), "{what}: {done:?}");
        }
        let login = format!("second.{EMAIL}");
        let password = system.path("password-of-somebody");
        std::fs::write(&password, "le phare au bout du chemin").unwrap();
        let password = ["--password-file", password.to_str().unwrap()];
        let add = [
            "users", "add", "--role", "TEACHER", "--login", &login, "--name", NAME,
        ];
        let added = self.operate(system, &[add.as_slice(), &password, &operator].concat());
        assert!(added.status.success(), "{added:?}");
    }

    /// Commands that nobody has run.
    pub(crate) fn never_run(&self) -> Vec<String> {
        let mut commands = leaves(&Cli::command(), "");
        commands.retain(|command| {
            let is_left_out = NOT_HERE.iter().any(|left| begins(command, left));
            !is_left_out && !self.operated.iter().any(|line| begins(line, command))
        });
        commands
    }
}

/// Whether a line begins with these words.
fn begins(line: &str, words: &str) -> bool {
    let rest = line.strip_prefix(words);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

/// The commands that do something.
fn leaves(command: &Command, before: &str) -> Vec<String> {
    let below: Vec<String> = command
        .get_subcommands()
        .flat_map(|below| leaves(below, &format!("{before} {}", below.get_name())))
        .collect();
    if below.is_empty() {
        return vec![before.trim_start().to_owned()];
    }
    below
}

#[test]
fn what_is_left_out_are_commands() {
    let commands: BTreeSet<String> = leaves(&Cli::command(), "").into_iter().collect();
    for left in NOT_HERE {
        assert!(commands.iter().any(|command| begins(command, left)), "{left}");
    }
}
