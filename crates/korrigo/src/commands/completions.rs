//! `korrigo completions`: what a shell needs to complete the commands.

use clap::{Args, Command};
use clap_complete::{Shell, generate};

/// Arguments of `korrigo completions`.
#[derive(Debug, Args)]
#[command(after_help = "Example: korrigo completions bash >/etc/bash_completion.d/korrigo")]
pub struct Completions {
    /// Which shell.
    shell: Shell,
}

impl Completions {
    /// What the shell is to read.
    pub fn script(&self, command: &mut Command) -> String {
        let mut script = Vec::new();
        generate(self.shell, command, "korrigo", &mut script);
        String::from_utf8_lossy(&script).into_owned()
    }
}
