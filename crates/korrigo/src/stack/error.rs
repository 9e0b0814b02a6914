//! What can go wrong with a server of the local stack, and what to do about it.

use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::stack::Server;

/// A server could not be found, started or stopped.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The server's programs are nowhere on this machine.
    #[error("{server} is not installed")]
    Missing {
        /// Which one.
        server: Server,
    },
    /// The system's packages could not be installed or unpacked.
    #[error("the packages of {servers} could not be installed, see {}", log.display())]
    Install {
        /// What was wanted.
        servers: String,
        /// Where the package manager's output is.
        log: PathBuf,
    },
    /// A file or directory of the server could not be read or written.
    #[error("{} could not be used", path.display())]
    File {
        /// Which one.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A program could not be run.
    #[error("{program} could not be run")]
    Run {
        /// Which one.
        program: String,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// The account that the server would run as cannot reach its directory.
    #[error("the account that would run {server} cannot enter {}", directory.display())]
    Unreachable {
        /// Which server.
        server: Server,
        /// The directory that is closed to it.
        directory: PathBuf,
    },
    /// Another process uses the directory.
    #[error("{} is used by another process", directory.display())]
    InUse {
        /// The directory.
        directory: PathBuf,
    },
    /// The server ended while it was starting.
    #[error("{server} did not start, see {}", log.display())]
    Exited {
        /// Which server.
        server: Server,
        /// Its log.
        log: PathBuf,
    },
    /// The server did not become ready, or did not end, in time.
    #[error("{server} did not answer within {} s, see {}", limit.as_secs(), log.display())]
    TimedOut {
        /// Which server.
        server: Server,
        /// How long it was given.
        limit: Duration,
        /// Its log.
        log: PathBuf,
    },
    /// A thread that was starting a server panicked.
    #[error("a server could not be started because of a bug")]
    Panicked,
    /// No free port was found.
    #[error("no free port was found on 127.0.0.1")]
    NoPort,
}

impl Error {
    /// What the person at the keyboard can do.
    #[must_use]
    pub fn advice(&self) -> &'static str {
        match self {
            Self::Missing { .. } => {
                "install the packages postgresql and rabbitmq-server, or let `make run` do it"
            }
            Self::Install { .. } => {
                "read the log; then install postgresql and rabbitmq-server by hand and try again"
            }
            Self::File { .. } => "check who owns the directory and whether the disk is full",
            Self::Run { .. } => "check that util-linux and the server's packages are installed completely",
            Self::Unreachable { .. } => "choose a directory that every account may enter",
            Self::InUse { .. } => "stop the other run first (Ctrl-C in its terminal)",
            Self::Exited { .. } | Self::TimedOut { .. } => {
                "read the log; `make clean-dev` starts over with empty servers"
            }
            Self::Panicked => "report what was printed above",
            Self::NoPort => "end programs that listen on very many ports, then try again",
        }
    }

    pub(crate) fn file(path: impl Into<PathBuf>) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::File { path, source }
    }
}
