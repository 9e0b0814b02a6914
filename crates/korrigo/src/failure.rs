//! Why a command did not do its work, and what to do about it.

use std::error::Error;

use serde_json::{Value, json};

use crate::answer::{Answer, Form};
use crate::{backup, stack, terminal, users};

/// The code of a failure that programs need not tell from others.
const FAILED: &str = "failed";

/// The end of a command that failed: every failure says what to do.
#[derive(Debug)]
pub struct Failure {
    cause: Box<dyn Error + Send + Sync>,
    advice: String,
    code: &'static str,
    exit: u8,
    done: Option<Box<Answer>>,
}

impl Failure {
    /// A failure, and what the person at the keyboard can do about it.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>, advice: impl Into<String>) -> Self {
        Self {
            cause: cause.into(),
            advice: advice.into(),
            code: FAILED,
            exit: 1,
            done: None,
        }
    }

    /// The same, with a word of its own for programs.
    #[must_use]
    pub fn called(self, code: &'static str) -> Self {
        Self { code, ..self }
    }

    /// The same, with another exit code.
    #[must_use]
    pub fn ending(self, exit: u8) -> Self {
        Self { exit, ..self }
    }

    /// The same, with what was done before.
    #[must_use]
    pub fn after(self, done: Answer) -> Self {
        Self {
            done: Some(Box::new(done)),
            ..self
        }
    }

    /// The same as the reason for something worse.
    #[must_use]
    pub fn causing(self, what: &'static str) -> Self {
        let cause = Worse {
            what,
            cause: self.cause,
        };
        Self {
            cause: Box::new(cause),
            ..self
        }
    }

    /// How the command ends.
    #[must_use]
    pub const fn exit(&self) -> u8 {
        self.exit
    }

    /// The chain of causes in one line, for who tells it as part of something else.
    #[must_use]
    pub fn in_short(&self) -> String {
        self.chain().join(", because ")
    }

    /// What a person can do about it, for who tells it as part of something else.
    #[must_use]
    pub fn advice(&self) -> &str {
        &self.advice
    }

    /// Prints what was done before, and then the failure with its chain of causes. For programs that is the last line.
    pub fn print(&self, form: Form) {
        if let Some(done) = &self.done {
            done.print(form);
        }
        match form {
            Form::Json => terminal::problem(json!({ "error": self.as_json() })),
            Form::Words => {
                let mut chain = self.chain().into_iter();
                terminal::problem(format_args!("error: {}", chain.next().unwrap_or_default()));
                chain.for_each(|cause| terminal::problem(format_args!("  because {cause}")));
                terminal::problem(format_args!("what to do: {}", self.advice));
            }
        }
    }

    /// The failure as an object.
    #[must_use]
    pub fn as_json(&self) -> Value {
        let chain = self.chain();
        json!({
            "code": self.code,
            "message": chain.first(),
            "because": chain.get(1..).unwrap_or_default(),
            "advice": self.advice,
        })
    }

    /// The failure and its causes, the first one last.
    fn chain(&self) -> Vec<String> {
        let mut chain = vec![self.cause.to_string()];
        let mut source = self.cause.source();
        while let Some(cause) = source {
            chain.push(cause.to_string());
            source = cause.source();
        }
        chain
    }
}

/// What is the matter, and why.
#[derive(Debug, thiserror::Error)]
#[error("{what}")]
struct Worse {
    what: &'static str,
    #[source]
    cause: Box<dyn Error + Send + Sync>,
}

impl From<stack::Error> for Failure {
    fn from(error: stack::Error) -> Self {
        let advice = error.advice();
        Self::new(error, advice)
    }
}

impl From<backup::Error> for Failure {
    fn from(error: backup::Error) -> Self {
        let (advice, code) = (error.advice(), error.code());
        Self::new(error, advice).called(code)
    }
}

impl From<users::Error> for Failure {
    fn from(error: users::Error) -> Self {
        let (code, advice) = match error {
            users::Error::Store(error) => return error.into(),
            users::Error::LoginTaken => ("login_taken", "choose another login"),
            users::Error::Nobody => ("not_found", "check the spelling of the login"),
            users::Error::NoOperator | users::Error::NotAdministrator => (
                "operator",
                "give the login of the administrator who does this, with --operator",
            ),
            users::Error::Yourself => ("yourself", "have another administrator do it"),
            users::Error::Hash(_) | users::Error::Interrupted => (FAILED, "try again"),
        };
        Self::new(error, advice).called(code)
    }
}

#[cfg(test)]
mod tests {
    use std::io;

    use super::*;

    #[derive(Debug, thiserror::Error)]
    #[error("the file could not be used")]
    struct Unused(#[source] io::Error);

    #[test]
    fn people_and_programs_are_told_the_same() {
        let failure = Failure::new(Unused(io::Error::other("it is gone")), "look for it").called("file");
        assert_eq!(
            failure.in_short(),
            "the file could not be used, because it is gone"
        );
        let expected = json!({
            "code": "file",
            "message": "the file could not be used",
            "because": ["it is gone"],
            "advice": "look for it",
        });
        assert_eq!(failure.as_json(), expected);
        let worse = Failure::new("nothing is there", "wait").causing("nobody was told");
        assert_eq!(worse.in_short(), "nobody was told, because nothing is there");
        let alone = Failure::new("nothing is there", "wait").as_json();
        assert_eq!(
            (&alone["code"], &alone["because"]),
            (&json!("failed"), &json!([]))
        );
    }
}
