//! The commands of operators, as the command line knows them, and how a test gives one.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test that cannot go on says so"
)]

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use clap::CommandFactory as _;
use korrigo::commands::Cli;

use crate::environment::said;

/// Those that do something, in words.
#[must_use]
pub fn all() -> Vec<String> {
    below(&Cli::command(), "")
}

/// Whether a line begins with these words.
#[must_use]
pub fn begins(line: &str, words: &str) -> bool {
    let rest = line.strip_prefix(words);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

fn below(command: &clap::Command, before: &str) -> Vec<String> {
    let found: Vec<String> = command
        .get_subcommands()
        .flat_map(|command| below(command, &format!("{before} {}", command.get_name())))
        .collect();
    if found.is_empty() {
        return vec![before.trim_start().to_owned()];
    }
    found
}

/// A command with nothing around it but where programs are: whoever runs tests may have a seat of their own.
#[must_use]
pub fn alone(program: impl AsRef<Path>, words: &[impl AsRef<OsStr>]) -> Command {
    let mut command = Command::new(program.as_ref());
    command.args(words).env_clear();
    command.env("PATH", said("PATH").unwrap_or_default());
    command
}

/// What a command says that is told this. One that fails before it reads does not hear it.
#[must_use]
pub fn answered(mut command: Command, input: &str) -> Output {
    let piped = command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = piped.stderr(Stdio::piped()).spawn().expect("the command runs");
    if let Some(mut ear) = child.stdin.take() {
        drop(ear.write_all(input.as_bytes()));
    }
    child.wait_with_output().expect("it ends")
}
