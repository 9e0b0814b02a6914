//! Mistakes in the configuration, told in one line without their values.

use std::error::Error as _;

use clap::Command;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use domain::secret::Empty;

use super::values::BadValue;

/// A setting that is wrong: the process ends with exit code 2 and this line.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{key}: {problem}")]
pub struct Invalid {
    /// The flag, and its variable.
    pub key: String,
    /// What is wrong with it, in constant words.
    pub problem: &'static str,
}

impl Invalid {
    /// This is wrong with the setting of this name.
    #[must_use]
    pub fn new(key: &str, problem: &'static str) -> Self {
        Self {
            key: key.to_owned(),
            problem,
        }
    }

    /// What clap found. Its own message would repeat the value.
    pub(super) fn of(error: &clap::Error, command: &Command) -> Self {
        let kind = error.kind();
        if kind == ErrorKind::UnknownArgument {
            return unknown(error);
        }
        let problem = if kind == ErrorKind::MissingRequiredArgument {
            "is required"
        } else if kind == ErrorKind::ArgumentConflict {
            "is given twice, or with a setting that excludes it"
        } else {
            value_problem(error)
        };
        Self {
            key: key(error, command),
            problem,
        }
    }
}

fn unknown(error: &clap::Error) -> Invalid {
    match first_argument(error).filter(|argument| argument.starts_with("--")) {
        Some(flag) => {
            let key = flag.split('=').next().unwrap_or_default().to_owned();
            Invalid {
                key,
                problem: "is not a setting",
            }
        }
        None => Invalid {
            key: "command line".to_owned(),
            problem: "has a word that is no setting",
        },
    }
}

/// The words of our own parsers are constant; those of others may quote the value.
fn value_problem(error: &clap::Error) -> &'static str {
    let source = error.source();
    let bad = source.and_then(|source| source.downcast_ref::<BadValue>());
    let empty = source.and_then(|source| source.downcast_ref::<Empty>());
    match (bad, empty) {
        (Some(bad), _) => bad.0,
        (None, Some(Empty)) => Empty::WORDS,
        (None, None) => "has a value that is not allowed",
    }
}

/// The flag as it is written, and the variable that would also set it.
fn key(error: &clap::Error, command: &Command) -> String {
    let Some(shown) = first_argument(error) else {
        return "command line".to_owned();
    };
    let flag = shown.split([' ', '=']).next().unwrap_or_default();
    let long = flag.trim_start_matches("--");
    let argument = command
        .get_arguments()
        .find(|argument| argument.get_long() == Some(long));
    match argument
        .and_then(clap::Arg::get_env)
        .and_then(std::ffi::OsStr::to_str)
    {
        Some(variable) => format!("{flag} ({variable})"),
        None => flag.to_owned(),
    }
}

fn first_argument(error: &clap::Error) -> Option<&str> {
    let context = error.get(ContextKind::InvalidArg)?;
    if let ContextValue::String(argument) = context {
        return Some(argument);
    }
    if let ContextValue::Strings(arguments) = context {
        return arguments.first().map(String::as_str);
    }
    None
}
