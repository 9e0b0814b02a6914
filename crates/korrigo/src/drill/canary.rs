//! What no command may print: who the people of the drill are, what their files are called, and every secret of the stack.

use std::fs;

use domain::secret::Secret;

use crate::Failure;
use crate::dev::{Home, People};
use crate::stack::Error;

/// The name of the exam.
pub(super) const EXAM: &str = "Drillcanary: an exam of the class of Mrs Canary";

/// The secret with which the admin listener of grading can be told something.
pub(super) const ADMIN_TOKEN: &str = "admin-token";

/// What people wrote and chose, whatever secret there is.
pub(super) struct Canaries(Vec<String>);

impl Canaries {
    /// Those of this stack.
    pub(super) fn of(home: &Home, people: &People, sessions: [&Secret; 2]) -> Result<Self, Failure> {
        let mut words: Vec<String> = [EXAM, "Drillcanary", "Mock-Admin", "Mock-Teacher", "scan.pdf"]
            .map(str::to_owned)
            .into();
        for account in [&people.admin, &people.teacher] {
            words.push(account.login.to_owned());
            words.push(account.password.expose().to_owned());
        }
        words.extend(sessions.map(|token| token.expose().to_owned()));
        let path = home.audit_key()?;
        let key = fs::read_to_string(&path).map_err(Error::file(&path))?;
        words.push(key.trim().to_owned());
        for secret in [
            "service-token",
            "metrics-token",
            ADMIN_TOKEN,
            "database-migrate",
            "database-app",
            "database-read",
        ] {
            words.push(home.secret(secret)?.expose().to_owned());
        }
        for server in ["postgres", "rabbitmq"] {
            let path = home.servers().join(server).join("password");
            words.push(fs::read_to_string(&path).map_err(Error::file(&path))?);
        }
        Ok(Self(words))
    }

    /// Adds one that there was not at the start.
    pub(super) fn add(&mut self, secret: &str) {
        self.0.push(secret.to_owned());
    }

    /// Whether there is none of them in what was printed.
    pub(super) fn spared_by(&self, printed: &str) -> bool {
        let printed = printed.to_lowercase();
        !self.0.iter().any(|word| printed.contains(&word.to_lowercase()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lock_that_is_taken_later_may_not_be_printed_either() {
        let mut canaries = Canaries(Vec::new());
        assert!(canaries.spared_by("token 0123"));
        canaries.add("0123");
        assert!(!canaries.spared_by("token 0123"));
    }

    #[test]
    fn a_word_that_may_not_be_printed_is_found_however_it_is_written() {
        let canaries = Canaries(vec!["Mock-Teacher".to_owned()]);
        assert!(canaries.spared_by("lock     of 0198c5a0-0000-7000-8000-000000000001"));
        assert!(!canaries.spared_by("lock     of Tom MOCK-TEACHER"));
    }
}
