//! How a worker gets a job and keeps it.

use chrono::TimeDelta;

use crate::Timestamp;
use crate::ids::WorkerId;
use crate::job::{Failed, HeldLease, Job, JobState, LateReport, Progress};

/// How long a claim holds without a sign of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease(pub TimeDelta);

/// Who wants the job, when, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    /// The worker.
    pub worker: WorkerId,
    /// The database's time.
    pub now: Timestamp,
    /// For how long at first.
    pub lease: Lease,
}

/// The answer to a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a claim that is not stored was not made"]
pub enum Claimed {
    /// The job is the worker's; store it.
    Granted(Job),
    /// The job has ended; the message is stale.
    Finished(JobState),
    /// Another worker holds it.
    Leased(HeldLease),
    /// Its next attempt is not due.
    NotDue(Timestamp),
    /// The one who had it fell silent: their attempt is over. Store what that leads to; the next one is announced.
    Lapsed(Failed),
}

impl Job {
    /// A worker asks for the job. An attempt whose lease ran out has failed, and is followed by another in due time,
    /// whoever notices. Whoever holds the lease gets the same attempt again under a new fence; a worker does not ask
    /// for a job that it is working on.
    pub fn claim(self, claim: Claim) -> Claimed {
        if let Some(failed) = self.clone().expire(claim.now) {
            return Claimed::Lapsed(failed);
        }
        match (self.state, self.lease) {
            (JobState::Succeeded | JobState::Failed | JobState::Cancelled, _) => {
                Claimed::Finished(self.state)
            }
            // The answer to its first claim got lost. The fence of that one is powerless now.
            (JobState::Running, Some(held)) if held.worker == claim.worker => Claimed::Granted(
                Self {
                    attempt: self.attempt - 1,
                    ..self
                }
                .taken_by(claim),
            ),
            (JobState::Running, Some(held)) => Claimed::Leased(held),
            (JobState::Queued | JobState::Running, _) => match self.next_attempt_at {
                Some(due) if due > claim.now => Claimed::NotDue(due),
                Some(_) | None => Claimed::Granted(self.taken_by(claim)),
            },
        }
    }

    fn taken_by(self, claim: Claim) -> Self {
        Self {
            state: JobState::Running,
            attempt: self.attempt + 1,
            fence: self.fence + 1,
            lease: Some(HeldLease {
                worker: claim.worker,
                until: claim.now + claim.lease.0,
            }),
            progress: Progress::default(),
            next_attempt_at: None,
            ..self
        }
        .revised()
    }

    /// A sign of life: the lease is extended and the progress kept.
    pub fn heartbeat(self, fence: i64, progress: Progress, claim: Claim) -> Result<Self, LateReport> {
        self.still_held(fence)?;
        let lease = Some(HeldLease {
            worker: claim.worker,
            until: claim.now + claim.lease.0,
        });
        let job = Self {
            lease,
            progress,
            ..self
        };
        Ok(if self.progress == progress {
            job
        } else {
            job.revised()
        })
    }

    /// The worker is shutting down and gives the job back; the attempt does not count.
    pub fn hand_back(self, fence: i64) -> Result<Self, LateReport> {
        self.still_held(fence)?;
        let attempt = self.attempt.saturating_sub(1);
        Ok(Self {
            state: JobState::Queued,
            attempt,
            lease: None,
            progress: Progress::default(),
            ..self
        }
        .revised())
    }

    /// Whether the holder of `fence` still has the job.
    pub fn still_held(&self, fence: i64) -> Result<(), LateReport> {
        match self.state {
            JobState::Running if self.fence == fence => Ok(()),
            JobState::Queued
            | JobState::Running
            | JobState::Succeeded
            | JobState::Failed
            | JobState::Cancelled => Err(LateReport {
                state: self.state,
                fence: self.fence,
            }),
        }
    }
}
