//! Processes named by number *and* start time, so that a number that was given again is never mistaken.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::stack::Error;

/// One process of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process {
    id: u32,
    /// In clock ticks after boot, as the kernel counts.
    started: u64,
}

impl Process {
    /// The living process with this number.
    #[must_use]
    pub fn with_id(id: u32) -> Option<Self> {
        let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
        // The name in parentheses may hold anything, also spaces.
        let (_name, fields) = stat.rsplit_once(") ")?;
        let mut fields = fields.split(' ');
        let state = fields.next()?;
        let started = fields.nth(18)?.parse().ok()?;
        // A zombie has ended; nobody has asked for its exit code yet.
        (state != "Z" && state != "X").then_some(Self { id, started })
    }

    /// The process that `file` names, if it is still the same one.
    #[must_use]
    pub fn remembered(file: &Path) -> Option<Self> {
        let text = fs::read_to_string(file).ok()?;
        let (id, started) = text.trim().split_once(' ')?;
        let remembered = Self {
            id: id.parse().ok()?,
            started: started.parse().ok()?,
        };
        remembered.is_running().then_some(remembered)
    }

    /// Writes the process down.
    pub fn remember(self, file: &Path) -> Result<(), Error> {
        fs::write(file, format!("{} {}\n", self.id, self.started)).map_err(Error::file(file))
    }

    /// Its number.
    #[must_use]
    pub fn id(self) -> u32 {
        self.id
    }

    /// Whether it is still there.
    #[must_use]
    pub fn is_running(self) -> bool {
        Self::with_id(self.id) == Some(self)
    }

    /// Sends a signal, unless it has ended.
    pub fn signal(self, signal: Signal) {
        let pid = i32::try_from(self.id).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid.filter(|_| self.is_running()) {
            // It may end in this very moment; then there is nothing to signal.
            let _ended = kill_process(pid, signal);
        }
    }

    /// Asks it to end with `signal`, and makes it end when `limit` has passed.
    pub fn end(self, signal: Signal, limit: Duration) {
        self.signal(signal);
        if !self.wait(limit) {
            self.signal(Signal::KILL);
            self.wait(limit);
        }
    }

    fn wait(self, limit: Duration) -> bool {
        let start = Instant::now();
        while self.is_running() {
            if start.elapsed() > limit {
                return false;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_recognised_by_its_number_and_its_start() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("pid");
        let this = Process::with_id(std::process::id()).unwrap();
        this.remember(&file).unwrap();
        assert_eq!(Process::remembered(&file), Some(this));

        let namesake = Process {
            started: this.started + 1,
            ..this
        };
        namesake.remember(&file).unwrap();
        assert_eq!(Process::remembered(&file), None);
    }
}
