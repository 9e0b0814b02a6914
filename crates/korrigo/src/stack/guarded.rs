//! A child process that ends when we do, however we end.

use std::ffi::{OsStr, OsString};
use std::fs::{self, OpenOptions, Permissions};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::stack::{Account, Error, Process, nursery};

/// A log that has grown beyond this is set aside before the next start.
const LOG_LIMIT: u64 = 10 << 20;

/// What the child finds in its environment.
#[derive(Debug, Clone)]
pub enum Environment {
    /// These variables and no others: nothing of the system's servers leaks in.
    Only(Vec<(OsString, OsString)>),
    /// Ours, and these on top.
    OnTop(Vec<(OsString, OsString)>),
}

/// What to start, and how.
#[derive(Debug)]
pub struct Launch<'a> {
    /// The program.
    pub program: &'a Path,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Its environment.
    pub environment: Environment,
    /// Its working directory.
    pub directory: &'a Path,
    /// Where its output goes.
    pub log: &'a Path,
    /// Who it becomes, if not us.
    pub account: Option<Account>,
    /// The signal it gets when we end without having stopped it.
    pub farewell: Signal,
}

/// A running child. Dropping it kills it.
#[derive(Debug)]
pub struct Guarded {
    child: Child,
    process: Option<Process>,
    status: Option<ExitStatus>,
    log: PathBuf,
}

impl Guarded {
    /// Starts the child in a process group of its own, so that Ctrl-C reaches us and not it.
    pub fn start(launch: Launch<'_>) -> Result<Self, Error> {
        set_aside(launch.log)?;
        let mut options = OpenOptions::new();
        let output = options.create(true).append(true).mode(0o600).open(launch.log);
        let output = output.map_err(Error::file(launch.log))?;
        // It has the same lines as the log files, which are ours alone.
        let private = Permissions::from_mode(0o600);
        output.set_permissions(private).map_err(Error::file(launch.log))?;
        let errors = output.try_clone().map_err(Error::file(launch.log))?;

        let mut command = Command::new("setpriv");
        command.arg("--pdeathsig").arg(signal_name(launch.farewell));
        if let Some(account) = launch.account {
            command.arg(format!("--reuid={}", account.user));
            command.arg(format!("--regid={}", account.group));
            command.arg("--clear-groups");
        }
        command.arg("--").arg(launch.program).args(&launch.arguments);
        match launch.environment {
            Environment::Only(variables) => command.env_clear().envs(variables),
            Environment::OnTop(variables) => command.envs(variables),
        };
        command.current_dir(launch.directory).process_group(0);
        command.stdin(Stdio::null()).stdout(output).stderr(errors);

        let child = nursery::spawn(command).map_err(|source| Error::Run {
            program: format!("setpriv {}", launch.program.display()),
            source,
        })?;
        Ok(Self {
            process: Process::with_id(child.id()),
            child,
            status: None,
            log: launch.log.to_owned(),
        })
    }

    /// Its number.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Where its output goes.
    #[must_use]
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// The running process.
    #[must_use]
    pub fn process(&self) -> Option<Process> {
        self.process
    }

    /// Empties the log when it has become long. The child only ever appends, so it goes on at the beginning.
    pub fn trim_log(&self) {
        let length = self.log.metadata().map_or(0, |metadata| metadata.len());
        if length > LOG_LIMIT {
            // A log that cannot be shortened now is shortened the next time.
            drop(
                OpenOptions::new()
                    .write(true)
                    .open(&self.log)
                    .and_then(|log| log.set_len(0)),
            );
        }
    }

    /// Writes the process down, so that a later run can recognise it.
    pub fn remember(&self, file: &Path) -> Result<(), Error> {
        self.process.map_or(Ok(()), |process| process.remember(file))
    }

    /// How it ended; `None` while it runs.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = self.child.try_wait().ok().flatten();
        }
        self.status
    }

    /// Sends a signal, unless it has ended.
    pub fn signal(&self, signal: Signal) {
        if let Some(process) = self.process {
            process.signal(signal);
        }
    }

    /// Waits until it has ended; `None` if it still runs after `limit`.
    pub fn wait(&mut self, limit: Duration) -> Option<ExitStatus> {
        let start = Instant::now();
        loop {
            let status = self.ended();
            if status.is_some() || start.elapsed() > limit {
                return status;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// Ends it at once.
    pub fn kill(&mut self) {
        if self.ended().is_none() {
            // It may end in this very moment.
            drop(self.child.kill());
            self.status = self.child.wait().ok();
        }
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Variables as [`Environment`] takes them.
pub(crate) fn variables<K: AsRef<OsStr>, V: AsRef<OsStr>>(
    pairs: impl IntoIterator<Item = (K, V)>,
) -> Vec<(OsString, OsString)> {
    let pairs = pairs.into_iter();
    pairs
        .map(|(key, value)| (key.as_ref().to_owned(), value.as_ref().to_owned()))
        .collect()
}

fn set_aside(log: &Path) -> Result<(), Error> {
    if let Some(directory) = log.parent() {
        fs::create_dir_all(directory).map_err(Error::file(directory))?;
    }
    if log.metadata().is_ok_and(|metadata| metadata.len() > LOG_LIMIT) {
        fs::rename(log, log.with_extension("1.log")).map_err(Error::file(log))?;
    }
    Ok(())
}

/// `setpriv` knows signals by name only.
fn signal_name(signal: Signal) -> &'static str {
    if signal == Signal::INT {
        "INT"
    } else if signal == Signal::KILL {
        "KILL"
    } else {
        "TERM"
    }
}
