//! `korrigo completions`: what a shell needs to complete the commands.

use std::process::ExitCode;

use clap::{Args, Command};
use clap_complete::{Shell, generate};

use crate::terminal;

/// Arguments of `korrigo completions`.
#[derive(Debug, Args)]
#[command(after_help = "Example: korrigo completions bash >/etc/bash_completion.d/korrigo")]
pub struct Completions {
    /// Which shell.
    shell: Shell,
}

impl Completions {
    /// Does it.
    pub fn run(&self, command: &mut Command) -> ExitCode {
        let mut script = Vec::new();
        generate(self.shell, command, "korrigo", &mut script);
        terminal::result(String::from_utf8_lossy(&script).trim_end());
        ExitCode::SUCCESS
    }
}
