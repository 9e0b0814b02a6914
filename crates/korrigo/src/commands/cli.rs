//! Which commands there are.

use std::process::ExitCode;
use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{CommandFactory as _, Parser, Subcommand};
use domain::names::UnknownName;
use service::config::{Misread, command_line};

use crate::Failure;
use crate::commands::{
    audit, backup, batches, blobs, blockers, completions, copies, dead_letters, dev, diagnose, drill, jobs,
    locks, migrate, restore, retention, status, users,
};

/// Runs Korrigo's operator commands.
#[derive(Debug, Parser)]
#[command(name = "korrigo", version, propagate_version = true)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// The local stack: private servers and services for development and tests.
    Dev(dev::Dev),
    /// How everything is, and what somebody has to look at, within two seconds.
    ///
    /// Ends with 0 if there is nothing, with 1 if there is, and with 2 if there is nothing as far as it could see: without
    /// the addresses of broker and services these are not looked at.
    Status(status::Status),
    /// What is the matter with a copy, a job, or what a request caused.
    Diagnose(diagnose::Diagnose),
    /// The work of the workers.
    Jobs(jobs::Jobs),
    /// Messages that the broker gave up.
    DeadLetters(dead_letters::DeadLetters),
    /// Who has which copy.
    Locks(locks::Locks),
    /// What a person has to look at.
    Copies(copies::Copies),
    /// Scans of many copies that could not be taken apart.
    Batches(batches::Batches),
    /// Who holds up others in the database.
    Blockers(blockers::Blockers),
    /// The schema of the database.
    Migrate(migrate::Migrate),
    /// The first people.
    Users(users::Users),
    /// What is kept no longer.
    Retention(retention::Retention),
    /// The files of scans and pages.
    Blobs(blobs::Blobs),
    /// The audit trail.
    Audit(audit::Audit),
    /// Copies of everything, to come back from.
    Backup(backup::Backup),
    /// Brings a backup back, into an empty database and an empty directory.
    ///
    /// All of it is read and compared with its manifest before anything is touched. If the checkpoints outside of the
    /// database are newer than the backup, what came after it is lost, and that has to be accepted by number.
    /// Afterwards the trail is verified, and every copy has it in its trail.
    #[command(
        after_help = "Example: korrigo restore /mnt/backups/monday --blobs-dir /var/lib/korrigo/blobs \\
  --checkpoints /mnt/audit/checkpoints --key audit-key.pub --operator head@school.example"
    )]
    Restore(restore::Restore),
    /// Does each fault of docs/playbook.md to a private stack, and follows what it says, word for word.
    ///
    /// Ends with 0 if every fault was named, by its own verdict only, and mended; else with 1.
    Drill(drill::Drill),
    /// What a shell needs to complete these commands.
    Completions(completions::Completions),
}

/// Reads the command line, does what it says and gives the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let cli: Cli = match command_line(std::env::args_os()) {
        Ok(cli) => cli,
        Err(misread) => return misunderstood(misread),
    };
    let done = match cli.command {
        Command::Dev(command) => command.run(),
        Command::Status(command) => command.run(),
        Command::Diagnose(command) => Ok(command.run()),
        Command::Jobs(command) => command.run(),
        Command::DeadLetters(command) => command.run(),
        Command::Locks(command) => command.run(),
        Command::Copies(command) => command.run(),
        Command::Batches(command) => command.run(),
        Command::Blockers(command) => command.run(),
        Command::Migrate(command) => command.run(),
        Command::Users(command) => command.run(),
        Command::Retention(command) => command.run(),
        Command::Blobs(command) => command.run(),
        Command::Audit(command) => command.run(),
        Command::Backup(command) => command.run(),
        Command::Restore(command) => command.run(),
        Command::Drill(command) => command.run(),
        Command::Completions(command) => Ok(command.run(&mut Cli::command())),
    };
    done.unwrap_or_else(|failure| {
        failure.print();
        ExitCode::FAILURE
    })
}

/// Help and mistakes, as people expect them of a command.
fn misunderstood(misread: Misread) -> ExitCode {
    match misread {
        Misread::Words(error) => {
            drop(error.print());
            u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
        }
        Misread::Secret(invalid) => {
            Failure::new(invalid, "set its variable, or name a file with it").print();
            ExitCode::from(2)
        }
    }
}

/// Runs a command that waits for the database. What it has given up waiting for is left to itself: a thread that waits for a
/// server that says nothing would keep the command.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Failure::new(error, "check the limits of threads and files"))?;
    let done = runtime.block_on(work);
    runtime.shutdown_background();
    done
}

/// A value out of a closed set of names, which help, complaints and shells list.
pub(super) fn closed<T>(names: &'static [T]) -> impl TypedValueParser<Value = T>
where
    T: Copy + Into<&'static str> + FromStr<Err = UnknownName> + Send + Sync + 'static,
{
    let texts = names.iter().map(|name| -> &'static str { (*name).into() });
    PossibleValuesParser::new(texts).try_map(|text| text.parse::<T>())
}

#[cfg(test)]
mod tests {
    use std::ffi::OsString;

    use clap::Command;
    use clap::error::ErrorKind;

    use super::*;

    /// The words of each command that does something.
    fn commands(command: &Command, words: &[&str]) -> Vec<Vec<String>> {
        let below: Vec<_> = command.get_subcommands().collect();
        if below.is_empty() {
            return vec![words.iter().map(|word| (*word).to_owned()).collect()];
        }
        below
            .iter()
            .flat_map(|command| commands(command, &[words, &[command.get_name()]].concat()))
            .collect()
    }

    #[test]
    fn every_command_says_how_it_is_used() {
        for words in commands(&Cli::command(), &["korrigo"]) {
            let line = words.iter().map(String::as_str).chain(["--help"]);
            let Err(Misread::Words(told)) = command_line::<Cli>(line.map(OsString::from)) else {
                panic!("no help: {words:?}");
            };
            assert_eq!(told.kind(), ErrorKind::DisplayHelp, "{words:?}");
            assert!(told.to_string().contains("\nExample"), "{words:?}");
        }
    }

    #[test]
    fn what_is_closed_is_listed_where_it_is_asked_for_mistaken_and_completed() {
        for (words, name) in [
            (["locks", "release", "--reason"], "corrector_absent"),
            (["copies", "discard", "--reason"], "bad_scan"),
            (["jobs", "list", "--state"], "CANCELLED"),
            (["users", "add", "--role"], "ADMIN"),
        ] {
            let told = |more: &str| {
                let line = ["korrigo"].iter().chain(&words[..2]).copied();
                let line = line.chain(more.split(' ').filter(|word| !word.is_empty()));
                command_line::<Cli>(line.map(OsString::from))
                    .unwrap_err()
                    .to_string()
            };
            assert!(told("--help").contains(name), "{words:?}");
            let mistaken = told(&format!("{} nonsense", words[2]));
            assert!(mistaken.contains(name), "{mistaken}");
        }
        let mut script = Vec::new();
        clap_complete::generate(
            clap_complete::Shell::Bash,
            &mut Cli::command(),
            "korrigo",
            &mut script,
        );
        let script = String::from_utf8(script).unwrap();
        for name in ["corrector_absent", "CANCELLED", "ADMIN"] {
            assert!(script.contains(name), "{name}");
        }
    }
}
