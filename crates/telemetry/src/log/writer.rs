//! A sink that is open.

use std::io::{self, IsTerminal as _, Write as _};
use std::path::Path;

use super::file::LogFile;
use super::human;
use super::json::{self, Identity};
use super::lines::Lines;
use super::record::Record;
use super::sink::Sink;
use crate::error::Error;
use crate::name::ServiceName;
use crate::sentry::Reporter;

#[derive(Debug)]
pub(super) enum Writer {
    Terminal,
    Stderr,
    File(LogFile),
    Audit(LogFile),
    Sentry(Reporter),
    Memory(Lines),
}

impl Writer {
    pub(super) fn stderr() -> Self {
        if io::stderr().is_terminal() {
            Self::Terminal
        } else {
            Self::Stderr
        }
    }

    pub(super) fn service(directory: &Path, service: ServiceName) -> Result<Self, Error> {
        let mut file = LogFile::new(directory, service.as_str());
        // A directory that cannot be written is a fault of the configuration, to be told at the start.
        file.open().map_err(Error::LogDirectory)?;
        Ok(Self::File(file))
    }

    /// The audit log is opened with its first line: most services never write one.
    pub(super) fn audit(directory: &Path) -> Self {
        Self::Audit(LogFile::new(directory, "audit"))
    }

    pub(super) fn sink(&self) -> Sink {
        match self {
            Self::Terminal | Self::Stderr => Sink::Stderr,
            Self::File(_) => Sink::File,
            Self::Audit(_) => Sink::Audit,
            Self::Sentry(_) => Sink::Sentry,
            Self::Memory(_) => Sink::Memory,
        }
    }

    /// How many lines may wait. At 500 bytes a line 16,384 of them are 8 MiB.
    pub(super) fn capacity(&self) -> usize {
        match self {
            Self::Terminal | Self::Stderr | Self::File(_) | Self::Audit(_) | Self::Memory(_) => 16_384,
            // A receiver takes milliseconds for each, or seconds.
            Self::Sentry(_) => 256,
        }
    }

    pub(super) fn write(&mut self, record: &Record, identity: &Identity) -> io::Result<()> {
        match self {
            Self::Terminal => io::stderr().lock().write_all(human::line(record).as_bytes()),
            Self::Stderr => io::stderr()
                .lock()
                .write_all(json::line(record, identity).as_bytes()),
            Self::File(file) | Self::Audit(file) => file.write(json::line(record, identity).as_bytes()),
            Self::Sentry(reporter) => reporter.report(record, identity),
            Self::Memory(lines) => {
                lines.push(json::line(record, identity).trim_end().to_owned());
                Ok(())
            }
        }
    }
}
