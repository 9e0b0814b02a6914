//! What a process has used, as the kernel counts it.

use std::fs;
use std::path::PathBuf;
use std::time::Duration;

use testkit::Service;

/// The length of the kernel's tick, in which it tells times of processors. It is the same on every Linux.
const TICK: Duration = Duration::from_millis(10);

/// What a process has used so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Usage {
    pub(crate) cpu: Duration,
    /// Memory now, and at most.
    pub(crate) resident_kib: u64,
    pub(crate) peak_kib: u64,
}

impl Usage {
    pub(crate) fn of(service: &Service) -> Self {
        let directory = PathBuf::from(format!("/proc/{}", service.pid()));
        let read = |file: &str| fs::read_to_string(directory.join(file)).unwrap_or_default();
        let status = read("status");
        Self {
            cpu: cpu(&read("stat")).unwrap_or_default(),
            resident_kib: kib(&status, "VmRSS:").unwrap_or_default(),
            peak_kib: kib(&status, "VmHWM:").unwrap_or_default(),
        }
    }
}

/// Time in the program and in the kernel for it, from a line of `/proc/PID/stat`.
fn cpu(stat: &str) -> Option<Duration> {
    // The name of the program may have spaces and parentheses in it.
    let (_, fields) = stat.rsplit_once(") ")?;
    let ticks: Option<Vec<u32>> = fields
        .split(' ')
        .skip(11)
        .take(2)
        .map(|field| field.parse().ok())
        .collect();
    Some(TICK * ticks?.iter().sum::<u32>())
}

fn kib(status: &str, field: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix(field))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_read_as_the_kernel_writes_it() {
        let stat = "42 (a (b) c) S 1 42 42 0 -1 4194560 900 0 0 0 150 50 0 0 20 0 9 0 12345 1000 200";
        assert_eq!(cpu(stat), Some(Duration::from_secs(2)));
        let status = "Name:\ta\nVmHWM:\t   2048 kB\nVmRSS:\t   1024 kB\n";
        assert_eq!(
            (kib(status, "VmHWM:"), kib(status, "VmRSS:")),
            (Some(2048), Some(1024))
        );
        assert_eq!((cpu(""), kib("", "VmRSS:")), (None, None));
    }
}
