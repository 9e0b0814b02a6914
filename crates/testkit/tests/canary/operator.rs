//! What operators do: every command, as it prints words and as it prints JSON, and what it writes to files.

use std::process::Output;

use testkit::commands::{all, begins};
use testkit::{System, told};

use crate::driver::Driver;
use crate::kinds::{EMAIL, NAME};
use crate::work::Office;

/// Where operators write to, in the directory of the system.
pub(crate) const FILES: &str = "operator";

/// Where backups are, below it.
pub(crate) const BACKUPS: [&str; 2] = ["backup", "backup-again"];

/// What has a command say it to a program.
const JSON: &str = "--json";

/// Commands that are not of the sweep: they make what the sweep begins with, take down what it needs, or work on a stack
/// of their own. That these have JSON too is shown by the tests of the command, in `told.rs`.
const NOT_HERE: &[&str] = &[
    "audit begin-anew",
    "blockers end",
    "completions",
    "dev",
    "drill",
    "migrate bootstrap",
    "migrate down",
    "migrate set-aside",
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
        if words.contains(&JSON) {
            told::assert_told(words, &output);
        }
        self.passing.hear(&output);
        self.operated.insert(words.join(" "));
        output
    }

    /// A backup, while everything is as it should be.
    pub(crate) fn back_up(&mut self, system: &System) {
        let [directory, again] = BACKUPS.map(|backup| format!("{FILES}/{backup}"));
        std::fs::create_dir(system.path(FILES)).unwrap();
        for words in [
            &["backup", "take", JSON, &directory][..],
            &["backup", "take", &again],
            &["backup", "verify", &directory],
            &["backup", "verify", JSON, &directory],
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
            &["migrate", "check"],
            &["blobs", "sweep", "--dry-run"],
            &["audit", "verify"],
            &["audit", "reconcile"],
            &["audit", "prove", copy, "1"],
            &["audit", "consistency", "1", "2"],
        ] {
            self.both(system, words);
        }
        let origin = ["audit", "key", "new", "--origin", "korrigo.example/canary"];
        for (form, key) in [(&[JSON][..], "audit-key"), (&[], "audit-key-again")] {
            let key = format!("{FILES}/{key}");
            self.operate(system, &[&origin[..], &["--to", &key], form].concat());
        }
        self.order(system, office);
    }

    /// The same command for a program, and for people.
    fn both(&mut self, system: &System, words: &[&str]) {
        self.operate(system, &[words, &[JSON]].concat());
        self.operate(system, words);
    }

    /// In somebody's name. What cannot be done any more is refused.
    fn order(&mut self, system: &System, office: &Office) {
        let (copy, job) = (office.copy.as_str(), office.job.as_str());
        let listed = self.operate(system, &["dead-letters", "list", "--json"]);
        let letters: serde_json::Value = serde_json::from_slice(&listed.stdout).unwrap();
        let letter = letters[0]["letter"].as_str().unwrap();
        self.both(system, &["dead-letters", "show", letter]);
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
            &["retention", "purge", "--yes"],
        ] {
            self.both(system, &[words, &operator].concat());
        }
        for form in [&[JSON][..], &[]] {
            let erase = ["retention", "erase", &system.database.pupil(), "--yes"];
            let done = self.operate(system, &[&erase[..], &operator, form].concat());
            assert!(done.status.success(), "{done:?}");
        }
        for (form, file) in [(&[JSON][..], &trail), (&[], &again)] {
            self.operate(
                system,
                &[&["audit", "export", "--to", file][..], &operator, form].concat(),
            );
        }
        for (form, what) in [
            (&[JSON][..], &["disable", "enable", "invite"][..]),
            (&[], &["disable", "enable", "invite", "disable"]),
        ] {
            for what in what {
                let words = ["users", what, "--login", EMAIL];
                let done = self.operate(system, &[&words[..], &operator, form].concat());
                assert!(done.status.success(), "{what}: {done:?}");
            }
        }
        let password = system.path("password-of-somebody");
        std::fs::write(&password, "le phare au bout du chemin").unwrap();
        let password = ["--password-file", password.to_str().unwrap()];
        for (form, which) in [(&[JSON][..], "second"), (&[], "third")] {
            let login = format!("{which}.{EMAIL}");
            let add = [
                "users", "add", "--role", "TEACHER", "--login", &login, "--name", NAME,
            ];
            let added = self.operate(system, &[add.as_slice(), &password, &operator, form].concat());
            assert!(added.status.success(), "{added:?}");
        }
    }

    /// Commands that nobody has run, for people and for a program.
    pub(crate) fn never_run(&self) -> Vec<String> {
        let mut commands = all();
        commands.retain(|command| {
            let is_left_out = NOT_HERE.iter().any(|left| begins(command, left));
            let was_run = |for_program: bool| {
                let mut lines = self.operated.iter();
                lines.any(|line| begins(line, command) && line.contains(JSON) == for_program)
            };
            !is_left_out && ![true, false].into_iter().all(was_run)
        });
        commands
    }
}

#[test]
fn what_is_left_out_are_commands() {
    let commands = all();
    for left in NOT_HERE {
        assert!(commands.iter().any(|command| begins(command, left)), "{left}");
    }
}
