//! The sign of life of a running attempt, with its progress.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use contracts::grading as pb;
use domain::JobId;

use crate::worker::Worker;

/// How far an attempt is, and how often that is told.
pub(crate) struct Pulse {
    job: JobId,
    fence: i64,
    period: Duration,
    patience: Duration,
    done: AtomicU32,
    total: AtomicU32,
}

impl Pulse {
    /// A sign of life three times per lease, and at least once a second so that progress is seen.
    pub(crate) fn new(job: JobId, granted: &pb::Granted) -> Self {
        let lease = Duration::from_millis(granted.lease_milliseconds);
        let period = (lease / 3).clamp(Duration::from_millis(50), Duration::from_secs(1));
        Self {
            job,
            fence: granted.fence,
            period,
            patience: (lease / 3).max(period),
            done: AtomicU32::new(0),
            total: AtomicU32::new(0),
        }
    }

    /// The attempt has so many pages in all.
    pub(crate) fn set_total(&self, total: u32) {
        self.total.store(total, Ordering::Relaxed);
    }

    /// So many more pages are done.
    pub(crate) fn pages_done(&self, count: u32) {
        self.done.fetch_add(count, Ordering::Relaxed);
    }

    /// Tells the grading service until the job is lost. A call that does not get through is let pass:
    /// if they all fail the lease runs out, and the report at the end is refused.
    pub(crate) async fn beat(&self, worker: &Worker) {
        loop {
            tokio::time::sleep(self.period).await;
            let request = pb::HeartbeatRequest {
                job_id: self.job.to_string(),
                worker_id: worker.id.to_string(),
                fence: self.fence,
                done: self.done.load(Ordering::Relaxed),
                total: self.total.load(Ordering::Relaxed),
            };
            // One call that hangs must not cost the lease.
            let answer = tokio::time::timeout(self.patience, worker.grading.heartbeat(request)).await;
            if answer.is_ok_and(|answer| answer.is_ok_and(|reply| reply.lost)) {
                return;
            }
        }
    }
}
