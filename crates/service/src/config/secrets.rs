//! Secrets come from the environment or from files, never from the command line.

use std::ffi::OsString;
use std::fs;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use super::Invalid;

/// A setting that is a secret.
#[derive(Debug, Clone)]
pub(super) struct SecretSetting {
    id: String,
    long: String,
    variable: String,
}

impl SecretSetting {
    /// The secrets among the settings of a command.
    pub(super) fn all(command: &Command) -> Vec<Self> {
        command
            .get_arguments()
            .filter(|argument| argument.is_hide_env_values_set())
            .filter_map(Self::of)
            .collect()
    }

    fn of(argument: &Arg) -> Option<Self> {
        Some(Self {
            id: argument.get_id().to_string(),
            long: argument.get_long()?.to_owned(),
            variable: argument.get_env()?.to_str()?.to_owned(),
        })
    }

    /// The command and all below it, with a setting for each secret that names a file with it.
    pub(super) fn with_files(command: Command) -> Command {
        let files: Vec<Arg> = Self::all(&command).iter().map(Self::file_argument).collect();
        command.args(files).mut_subcommands(Self::with_files)
    }

    /// The command and all below it, with nothing required, for looking where secrets come from.
    pub(super) fn relaxed(command: Command) -> Command {
        command
            .mut_args(|argument| argument.required(false))
            .mut_subcommands(Self::relaxed)
    }

    /// Refuses the secret itself on the command line.
    pub(super) fn refuse_in(&self, arguments: &[OsString]) -> Result<(), Invalid> {
        let flag = format!("--{}", self.long);
        let given = arguments
            .iter()
            .filter_map(|argument| argument.to_str())
            // Behind this they are somebody else's.
            .take_while(|argument| *argument != "--")
            .any(|argument| {
                argument
                    .strip_prefix(&flag)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with('='))
            });
        if given {
            return Err(Invalid {
                key: flag,
                problem: "is a secret and must come from its variable or from a file, not from the command line",
            });
        }
        Ok(())
    }

    /// The setting that names a file with the secret.
    fn file_argument(&self) -> Arg {
        Arg::new(self.file_id())
            .long(format!("{}-file", self.long))
            .env(format!("{}_FILE", self.variable))
            .value_name("FILE")
            .value_parser(clap::value_parser!(PathBuf))
            .help(format!("A file that holds what {} would", self.variable))
    }

    /// The secret as an argument, if a file holds it. Only this process sees it.
    pub(super) fn read_file(&self, matches: &ArgMatches) -> Result<Option<OsString>, Invalid> {
        let Ok(Some(path)) = matches.try_get_one::<PathBuf>(&self.file_id()) else {
            return Ok(None);
        };
        if matches.value_source(&self.id) == Some(ValueSource::EnvVariable) {
            return Err(self.invalid("is set twice, directly and by a file"));
        }
        let text =
            fs::read_to_string(path).map_err(|_io| self.invalid("names a file that cannot be read"))?;
        let secret = text.trim_end_matches(['\r', '\n']);
        Ok(Some(OsString::from(format!("--{}={secret}", self.long))))
    }

    fn file_id(&self) -> String {
        format!("{}_file", self.id)
    }

    fn invalid(&self, problem: &'static str) -> Invalid {
        Invalid {
            key: format!("--{}-file ({}_FILE)", self.long, self.variable),
            problem,
        }
    }
}
