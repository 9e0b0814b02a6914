//! What people do to a job.

use crate::job::{Job, JobState};

/// The job is not where this can be done to it. Nothing changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the job is {0}")]
pub struct Closed(pub JobState);

impl Job {
    /// It is called off. A worker that has it hears so at its next sign of life, and nothing that it did counts.
    pub fn cancel(self) -> Result<Self, Closed> {
        match self.state {
            JobState::Queued | JobState::Running => Ok(Self {
                state: JobState::Cancelled,
                lease: None,
                next_attempt_at: None,
                ..self
            }
            .revised()),
            JobState::Succeeded | JobState::Failed | JobState::Cancelled => Err(Closed(self.state)),
        }
    }

    /// Its next attempt waits no longer for its time.
    pub fn hasten(self) -> Result<Self, Closed> {
        match self.state {
            JobState::Queued => Ok(Self {
                next_attempt_at: None,
                ..self
            }
            .revised()),
            JobState::Running | JobState::Succeeded | JobState::Failed | JobState::Cancelled => {
                Err(Closed(self.state))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, TimeDelta};

    use super::*;
    use crate::failure::FailureCode;
    use crate::ids::Ids;
    use crate::job::{Claim, Claimed, Failed, LateReport, Lease, Task};

    fn queued() -> Job {
        let ids = Ids::sequence();
        Job::queued(Task::Import(ids.next()), ids.next(), &ids)
    }

    fn running() -> Job {
        let claim = Claim {
            worker: Ids::sequence().next(),
            now: DateTime::UNIX_EPOCH,
            lease: Lease(TimeDelta::seconds(60)),
        };
        let claimed = queued().claim(claim);
        let Claimed::Granted(job) = claimed else {
            panic!("{claimed:?}");
        };
        job
    }

    #[test]
    fn a_job_that_is_called_off_is_nobodys_any_more() {
        for job in [queued(), running()] {
            let (fence, revision) = (job.fence, job.revision);
            let cancelled = job.cancel().unwrap();
            assert_eq!(
                (cancelled.state, cancelled.lease, cancelled.revision),
                (JobState::Cancelled, None, revision + 1)
            );
            let late = LateReport {
                state: JobState::Cancelled,
                fence,
            };
            assert_eq!(cancelled.clone().succeed(fence, 1), Err(late));
            assert_eq!(cancelled.clone().hasten(), Err(Closed(JobState::Cancelled)));
            assert_eq!(cancelled.cancel(), Err(Closed(JobState::Cancelled)));
        }
    }

    #[test]
    fn a_pause_between_attempts_can_be_cut_short_and_nothing_else() {
        let running = running();
        let fence = running.fence;
        assert_eq!(running.clone().hasten(), Err(Closed(JobState::Running)));
        let failed = running.fail(fence, FailureCode::Unknown, DateTime::UNIX_EPOCH);
        let Ok(Failed::Retry { job, .. }) = failed else {
            panic!("{failed:?}");
        };
        let hastened = job.clone().hasten().unwrap();
        assert_eq!(
            hastened,
            Job {
                next_attempt_at: None,
                revision: job.revision + 1,
                ..job
            }
        );
    }
}
