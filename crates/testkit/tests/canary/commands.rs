//! The commands of operators, as the command line knows them.

use clap::{Command, CommandFactory as _};
use korrigo::commands::Cli;

/// Those that do something, in words.
pub(crate) fn all() -> Vec<String> {
    below(&Cli::command(), "")
}

/// Whether a line begins with these words.
pub(crate) fn begins(line: &str, words: &str) -> bool {
    let rest = line.strip_prefix(words);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(' '))
}

fn below(command: &Command, before: &str) -> Vec<String> {
    let found: Vec<String> = command
        .get_subcommands()
        .flat_map(|command| below(command, &format!("{before} {}", command.get_name())))
        .collect();
    if found.is_empty() {
        return vec![before.trim_start().to_owned()];
    }
    found
}
