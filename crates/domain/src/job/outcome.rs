//! How a job ends, or is tried again.

use chrono::TimeDelta;
use uuid::Uuid;

use crate::Timestamp;
use crate::failure::FailureCode;
use crate::ids::JobId;
use crate::job::{Job, JobState, Progress};

/// The report comes from a worker that no longer has the job. Nothing it did counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the job is {state} under fence {fence}")]
pub struct LateReport {
    /// Where the job stands.
    pub state: JobState,
    /// The fence of the last claim.
    pub fence: i64,
}

/// What a failed attempt leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "a failure that is not stored is forgotten"]
pub enum Failed {
    /// It will be tried again; publish it when it is due.
    Retry {
        /// The job, QUEUED.
        job: Job,
        /// When it is due.
        due: Timestamp,
    },
    /// It is given up.
    GivenUp(Job),
}

impl Job {
    /// The attempt worked, on so many pages.
    pub fn succeed(self, fence: i64, pages: u32) -> Result<Self, LateReport> {
        self.still_held(fence)?;
        let progress = Progress {
            done: pages,
            total: pages,
        };
        Ok(Self {
            state: JobState::Succeeded,
            lease: None,
            failure: None,
            progress,
            ..self
        }
        .revised())
    }

    /// The attempt failed.
    pub fn fail(self, fence: i64, code: FailureCode, now: Timestamp) -> Result<Failed, LateReport> {
        self.still_held(fence)?;
        Ok(self.failed(code, now))
    }

    /// The lease ran out without a sign of life.
    #[must_use]
    pub fn expire(self, now: Timestamp) -> Option<Failed> {
        let dead = self.state == JobState::Running && self.lease.is_some_and(|held| held.until <= now);
        dead.then(|| self.failed(FailureCode::Unknown, now))
    }

    fn failed(self, code: FailureCode, now: Timestamp) -> Failed {
        let job = Self {
            lease: None,
            failure: Some(code),
            ..self
        }
        .revised();
        if code.is_retryable() && job.attempt < job.max_attempts {
            let due = now + back_off(job.id, job.attempt);
            Failed::Retry {
                job: Self {
                    state: JobState::Queued,
                    next_attempt_at: Some(due),
                    ..job
                },
                due,
            }
        } else {
            Failed::GivenUp(Self {
                state: JobState::Failed,
                ..job
            })
        }
    }
}

/// 5 s, 30 s, then 2 min where a job has more than three attempts, each up to a fifth shorter or longer. The spread comes from the job's id, so
/// that jobs that failed together do not come back together.
fn back_off(job: JobId, attempt: u16) -> TimeDelta {
    let base = match attempt {
        0 | 1 => TimeDelta::seconds(5),
        2 => TimeDelta::seconds(30),
        _ => TimeDelta::minutes(2),
    };
    let (_, random) = Uuid::from(job).as_u64_pair();
    let percent = i32::try_from(random.rotate_right(u32::from(attempt)) % 41).unwrap_or(20) - 20;
    base + base * percent / 100
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Ids;
    use crate::job::{Claim, Claimed, Lease, Task};

    fn at(second: i64) -> Timestamp {
        chrono::DateTime::from_timestamp(second, 0).unwrap_or_default()
    }

    fn claim(second: i64) -> Claim {
        claim_by(1, second)
    }

    fn claim_by(worker: u128, second: i64) -> Claim {
        Claim {
            worker: Uuid::from_u128(worker).into(),
            now: at(second),
            lease: Lease(TimeDelta::seconds(30)),
        }
    }

    fn queued() -> Job {
        let ids = Ids::sequence();
        Job::queued(Task::Import(ids.next()), ids.next(), &ids)
    }

    fn granted(job: Job, second: i64) -> Job {
        match job.claim(claim(second)) {
            Claimed::Granted(job) => job,
            other @ (Claimed::Finished(_) | Claimed::Leased(_) | Claimed::NotDue(_) | Claimed::Lapsed(_)) => {
                panic!("not granted: {other:?}")
            }
        }
    }

    /// The next attempt of a job whose worker fell silent, as soon as it is due.
    fn next(silent: Job) -> Job {
        let until = silent.lease.expect("somebody has it").until;
        match silent.expire(until).expect("the lease has run out") {
            Failed::Retry { job, due } => granted(job, due.timestamp() + 1),
            Failed::GivenUp(job) => panic!("given up: {job:?}"),
        }
    }

    #[test]
    fn a_leased_job_is_not_given_twice_until_the_lease_runs_out() {
        let first = granted(queued(), 0);
        assert!(matches!(first.clone().claim(claim_by(2, 29)), Claimed::Leased(_)));
        let second = next(first);
        assert_eq!((second.attempt, second.fence), (2, 2));
    }

    #[test]
    fn a_claim_of_a_job_whose_worker_fell_silent_ends_that_attempt_first() {
        let first = granted(queued(), 0);
        let claimed = first.clone().claim(claim_by(2, 30));
        let failed = first.expire(at(30)).expect("the lease has run out");
        assert_eq!(claimed, Claimed::Lapsed(failed));
    }

    #[test]
    fn a_worker_whose_claim_went_unanswered_gets_the_same_attempt_under_a_new_fence() {
        let again = granted(granted(queued(), 0), 5);
        assert_eq!((again.attempt, again.fence), (1, 2));
        assert!(again.succeed(1, 3).is_err());
    }

    #[test]
    fn the_last_attempt_is_not_followed_by_another() {
        let third = next(next(granted(queued(), 0)));
        let until = third.lease.expect("somebody has it").until;
        assert!(matches!(third.expire(until), Some(Failed::GivenUp(_))));
    }

    #[test]
    fn a_report_under_an_older_fence_is_late() {
        let second = next(granted(queued(), 0));
        assert!(second.clone().succeed(1, 3).is_err());
        assert!(
            second
                .clone()
                .heartbeat(1, Progress::default(), claim(61))
                .is_err()
        );
        assert!(second.clone().fail(1, FailureCode::Timeout, at(61)).is_err());
        assert!(second.succeed(2, 3).is_ok());
    }

    #[test]
    fn a_broken_document_is_given_up_at_once() {
        let job = granted(queued(), 0);
        let outcome = job.fail(1, FailureCode::InvalidPdf, at(1));
        assert!(matches!(outcome, Ok(Failed::GivenUp(job)) if job.state == JobState::Failed));
    }

    #[test]
    fn a_lost_worker_is_tried_three_times_with_growing_pauses() {
        let mut job = granted(queued(), 0);
        let mut now = 31;
        let mut pauses = Vec::new();
        let last = loop {
            match job.expire(at(now)).expect("the lease has run out") {
                Failed::Retry { job: next, due } => {
                    assert!(matches!(next.clone().claim(claim(now)), Claimed::NotDue(_)));
                    pauses.push((due - at(now)).num_seconds());
                    now = due.timestamp() + 1;
                    job = granted(next, now);
                    now += 31;
                }
                Failed::GivenUp(last) => break last,
            }
        };
        assert_eq!((last.attempt, last.state), (3, JobState::Failed));
        assert!(matches!(pauses.as_slice(), [4..=6, 24..=36]), "{pauses:?}");
    }

    #[test]
    fn a_job_handed_back_keeps_its_attempts() {
        let job = granted(queued(), 0).hand_back(1);
        assert!(
            matches!(job, Ok(job) if job.attempt == 0 && job.state == JobState::Queued && job.fence == 1)
        );
    }
}
