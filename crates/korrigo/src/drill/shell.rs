//! Runs a line of the playbook as an operator does: in a shell, with what docs/operations.md puts into its environment.

use std::ffi::OsString;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;

use crate::Failure;
use crate::drill::bench::Bench;
use crate::drill::fault::Harm;
use crate::stack::Error;

/// How long a command may take.
const LIMIT: Duration = Duration::from_mins(1);
/// Where programs are that are not ours.
pub const PATH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// As whom a command is run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    /// Somebody who may only look.
    Look,
    /// Somebody who may change something.
    Act,
}

/// A line that was run.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) line: String,
    pub(super) code: i32,
    /// Results and complaints.
    pub(super) printed: String,
}

impl Bench {
    /// Runs one line. `systemctl` is what the stack's own processes are to it; see [`Bench::systemctl`].
    pub(super) async fn run_line(&mut self, line: &str, access: Access, harm: &Harm) -> Result<Ran, Failure> {
        let words: Vec<&str> = line.split_whitespace().collect();
        if let Some(("systemctl", rest)) = words.split_first().map(|(first, rest)| (*first, rest)) {
            self.systemctl(rest).await?;
            self.aim()?;
            return Ok(Ran {
                line: line.to_owned(),
                code: 0,
                printed: String::new(),
            });
        }
        let mut variables = self.variables();
        if access == Access::Act {
            variables.extend(self.powers()?);
        }
        let backups = self.home.path("backups");
        variables.extend([
            ("BACKUP", backups.join(&harm.copy).into()),
            ("EVIDENCE", backups.join(format!("{}-as-found", harm.copy)).into()),
            ("COPY", OsString::from(&harm.copy)),
            ("PID", OsString::from(&harm.blocker)),
        ]);
        let mut command = Command::new("sh");
        command.args(["-c", line]).env_clear();
        command.envs(self.postgres()?.tools()).env("PATH", path()?);
        command.envs(variables).stdin(Stdio::null()).kill_on_drop(true);
        let output = tokio::time::timeout(LIMIT, command.output()).await;
        let output =
            output.map_err(|_elapsed| Failure::new(format!("{line}: it took too long"), "run it again"))?;
        let output = output.map_err(|source| Error::Run {
            program: "sh".to_owned(),
            source,
        })?;
        let printed =
            [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
        Ok(Ran {
            line: line.to_owned(),
            code: output.status.code().unwrap_or(-1),
            printed: printed.concat(),
        })
    }
}

impl Ran {
    /// The verdict, where it gives one.
    pub(super) fn verdict(&self) -> Option<&str> {
        self.words("verdict").next()
    }

    /// What was found beside it.
    pub(super) fn findings(&self) -> impl Iterator<Item = &str> {
        self.words("finding")
    }

    /// Both.
    pub(super) fn said(&self) -> impl Iterator<Item = &str> {
        self.verdict().into_iter().chain(self.findings())
    }

    /// The second word of each line that begins so.
    fn words<'a>(&'a self, first: &'a str) -> impl Iterator<Item = &'a str> {
        self.printed.lines().filter_map(move |line| {
            let mut words = line.split_whitespace();
            let second = words.next().filter(|word| *word == first).and(words.next())?;
            Some(second.trim_end_matches(':'))
        })
    }
}

/// With this very program before any other of its name.
fn path() -> Result<OsString, Error> {
    let own = std::env::current_exe().map_err(Error::file("/proc/self/exe"))?;
    let mut path = OsString::from(own.parent().unwrap_or_else(|| Path::new("/")));
    path.push(":");
    path.push(PATH);
    Ok(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn verdicts_and_findings_are_read_as_people_read_them() {
        let ran = Ran {
            line: String::new(),
            code: 1,
            printed:
                "verdict   no_worker\nfinding   no_worker: start one\nfinding   service_not_ready: see\n"
                    .to_owned(),
        };
        assert_eq!(ran.verdict(), Some("no_worker"));
        assert_eq!(ran.said().count(), 3);
        assert_eq!(
            ran.findings().collect::<Vec<_>>(),
            ["no_worker", "service_not_ready"]
        );
    }
}
