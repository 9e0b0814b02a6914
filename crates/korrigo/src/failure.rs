//! Why a command did not do its work, and what to do about it.

use std::error::Error;

use crate::{backup, stack, terminal, users};

/// The end of a command that failed: every failure says what to do.
#[derive(Debug)]
pub struct Failure {
    cause: Box<dyn Error + Send + Sync>,
    advice: String,
}

impl Failure {
    /// A failure, and what the person at the keyboard can do about it.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>, advice: impl Into<String>) -> Self {
        Self {
            cause: cause.into(),
            advice: advice.into(),
        }
    }

    /// The chain of causes in one line, for who tells it as part of something else.
    #[must_use]
    pub fn in_short(&self) -> String {
        let mut line = self.cause.to_string();
        let mut source = self.cause.source();
        while let Some(cause) = source {
            line = format!("{line}, because {cause}");
            source = cause.source();
        }
        line
    }

    /// Prints it with its chain of causes.
    pub fn print(&self) {
        terminal::problem(format_args!("error: {}", self.cause));
        let mut source = self.cause.source();
        while let Some(cause) = source {
            terminal::problem(format_args!("  because {cause}"));
            source = cause.source();
        }
        terminal::problem(format_args!("what to do: {}", self.advice));
    }
}

impl From<stack::Error> for Failure {
    fn from(error: stack::Error) -> Self {
        let advice = error.advice();
        Self::new(error, advice)
    }
}

impl From<backup::Error> for Failure {
    fn from(error: backup::Error) -> Self {
        let advice = error.advice();
        Self::new(error, advice)
    }
}

impl From<users::Error> for Failure {
    fn from(error: users::Error) -> Self {
        let advice = match &error {
            users::Error::LoginTaken => "choose another login",
            users::Error::Nobody => "check the spelling of the login",
            users::Error::NoOperator | users::Error::NotAdministrator => {
                "give the login of the administrator who does this, with --operator"
            }
            users::Error::Yourself => "have another administrator do it",
            users::Error::Hash(_) | users::Error::Interrupted => "try again",
            users::Error::Store(_) => "check the URL of the database, and `korrigo migrate status`",
        };
        Self::new(error, advice)
    }
}
