//! Which jobs are being worked on in this process.
//!
//! When the connection to the broker blinks, a message comes a second time while its job is still being
//! worked on. To claim it again would take it away from ourselves.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use domain::JobId;

/// The jobs that are being worked on.
#[derive(Debug, Default)]
pub(crate) struct Running(Mutex<HashSet<JobId>>);

impl Running {
    /// Notes that work on `job` begins; `None` if it is being worked on already.
    pub(crate) fn begin(&self, job: JobId) -> Option<Begun<'_>> {
        // The lock is let go before anything that takes it again when it is dropped.
        let is_new = self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(job);
        is_new.then(|| Begun { running: self, job })
    }
}

/// Work that has begun. It counts until this is dropped.
#[must_use = "work that is forgotten has not begun"]
pub(crate) struct Begun<'a> {
    running: &'a Running,
    job: JobId,
}

impl Drop for Begun<'_> {
    fn drop(&mut self) {
        let mut jobs = self.running.0.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.remove(&self.job);
    }
}

#[cfg(test)]
mod tests {
    use domain::Ids;

    use super::*;

    #[test]
    fn a_job_is_worked_on_once_at_a_time() {
        let (running, job) = (Running::default(), Ids::sequence().next());
        let begun = running.begin(job);
        assert!(begun.is_some() && running.begin(job).is_none());
        drop(begun);
        assert!(running.begin(job).is_some());
    }
}
