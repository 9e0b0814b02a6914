//! Which commands there are.

use std::ffi::OsString;
use std::process::ExitCode;
use std::str::FromStr;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::error::ErrorKind;
use clap::{CommandFactory as _, Parser, Subcommand};
use domain::names::UnknownName;
use service::config::{Misread, command_line};

use crate::answer::{Answer, Form};
use crate::commands::{
    audit, backup, batches, blobs, blockers, completions, copies, dead_letters, dev, diagnose, drill, jobs,
    locks, migrate, restore, retention, status, users,
};
use crate::{Failure, terminal};

/// How a command ends that nobody understands.
const MISUNDERSTOOD: u8 = 2;

/// Runs Korrigo's operator commands.
#[derive(Debug, Parser)]
#[command(name = "korrigo", version, propagate_version = true)]
pub struct Cli {
    /// One JSON value instead of words, also of why it failed. docs/operations.md says what it has.
    #[arg(long, global = true)]
    json: bool,
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

/// Reads the command line, does what it says, tells what came of it and gives the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    let cli: Cli = match command_line(words.iter().cloned()) {
        Ok(cli) => cli,
        Err(misread) => return misunderstood(misread, asked_for(&words)),
    };
    let form = Form::of(cli.json);
    if let (Some(name), Form::Json) = (cli.command.only_for_people(), form) {
        return misunderstood(no_json(name), form);
    }
    match cli.command.run() {
        Ok(Done::Answered(answer)) => {
            answer.print(form);
            ExitCode::from(answer.exit())
        }
        Ok(Done::Told(exit)) => exit,
        Err(failure) => {
            failure.print(form);
            ExitCode::from(failure.exit())
        }
    }
}

/// What is left to do after a command.
enum Done {
    /// To tell what came of it.
    Answered(Answer),
    /// Nothing but to end: people were told as it went on.
    Told(ExitCode),
}

impl Command {
    fn run(self) -> Result<Done, Failure> {
        let answer = match self {
            Self::Dev(command) => return command.run().map(Done::Told),
            Self::Status(command) => command.run(),
            Self::Diagnose(command) => command.run(),
            Self::Jobs(command) => command.run(),
            Self::DeadLetters(command) => command.run(),
            Self::Locks(command) => command.run(),
            Self::Copies(command) => command.run(),
            Self::Batches(command) => command.run(),
            Self::Blockers(command) => command.run(),
            Self::Migrate(command) => command.run(),
            Self::Users(command) => command.run(),
            Self::Retention(command) => command.run(),
            Self::Blobs(command) => command.run(),
            Self::Audit(command) => command.run(),
            Self::Backup(command) => command.run(),
            Self::Restore(command) => command.run(),
            Self::Drill(command) => command.run(),
            Self::Completions(command) => {
                terminal::result(command.script(&mut Cli::command()).trim_end());
                return Ok(Done::Told(ExitCode::SUCCESS));
            }
        };
        answer.map(Done::Answered)
    }

    /// The name of a command that has nothing to say to a program: `dev` is watched, and a script of completions is for a shell.
    const fn only_for_people(&self) -> Option<&'static str> {
        match self {
            Self::Dev(_) => Some("dev"),
            Self::Completions(_) => Some("completions"),
            Self::Status(_)
            | Self::Diagnose(_)
            | Self::Jobs(_)
            | Self::DeadLetters(_)
            | Self::Locks(_)
            | Self::Copies(_)
            | Self::Batches(_)
            | Self::Blockers(_)
            | Self::Migrate(_)
            | Self::Users(_)
            | Self::Retention(_)
            | Self::Blobs(_)
            | Self::Audit(_)
            | Self::Backup(_)
            | Self::Restore(_)
            | Self::Drill(_) => None,
        }
    }
}

fn no_json(name: &str) -> Misread {
    let what = format!("the argument '--json' cannot be used with '{name}'");
    Misread::Words(Cli::command().error(ErrorKind::ArgumentConflict, what))
}

/// The form that words ask for that are not understood.
fn asked_for(words: &[OsString]) -> Form {
    let mut own = words.iter().take_while(|word| *word != "--");
    Form::of(own.any(|word| word == "--json"))
}

/// Help and mistakes, as people expect them of a command.
fn misunderstood(misread: Misread, form: Form) -> ExitCode {
    let failure = match misread {
        Misread::Words(error) if form == Form::Words || !error.use_stderr() => {
            drop(error.print());
            return u8::try_from(error.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from);
        }
        Misread::Words(error) => {
            let said = error.render().to_string();
            let said = said.strip_prefix("error: ").unwrap_or(&said);
            let complaint = said.lines().map(str::trim).take_while(|line| !line.is_empty());
            Failure::new(
                complaint.collect::<Vec<_>>().join(" "),
                "see what `--help` says of the command",
            )
        }
        Misread::Secret(invalid) => Failure::new(invalid, "set its variable, or name a file with it"),
    };
    failure.called("usage").print(form);
    ExitCode::from(MISUNDERSTOOD)
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

    use clap::error::ErrorKind;

    use super::*;

    #[test]
    fn every_command_says_how_it_is_used() {
        for words in testkit::commands::all() {
            let line = ["korrigo"].into_iter().chain(words.split(' ')).chain(["--help"]);
            let Err(Misread::Words(told)) = command_line::<Cli>(line.map(OsString::from)) else {
                panic!("no help: {words}");
            };
            assert_eq!(told.kind(), ErrorKind::DisplayHelp, "{words}");
            assert!(told.to_string().contains("\nExample"), "{words}");
        }
    }

    #[test]
    fn what_is_closed_is_listed_where_it_is_asked_for_mistaken_and_completed() {
        for (words, name) in [
            (["locks", "release", "--reason"], "corrector_absent"),
            (["copies", "discard", "--reason"], "bad_scan"),
            (["batches", "discard", "--reason"], "bad_scan"),
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
