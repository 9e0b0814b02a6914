//! What is the matter with a copy or a job: one verdict out of a closed list, from what the tables and the queues say.

mod finding;
mod verdict;

use broker::SeenQueue;
use domain::{JobKind, JobState, Status, Timestamp};
use store::{SeenCopy, SeenJob, SeenLock};

pub use finding::Finding;
pub use verdict::Verdict;

/// For how long a message may be due before somebody has to look at it.
const DUE: chrono::TimeDelta = chrono::TimeDelta::seconds(15);
/// For how long a lock or a lease may be over before the grading service has had its chance to end it.
const OVER: chrono::TimeDelta = chrono::TimeDelta::minutes(1);
/// For how long a job may wait for a worker before it counts as forgotten, where the queues cannot be seen.
const UNCLAIMED: chrono::TimeDelta = chrono::TimeDelta::minutes(2);

/// What the judgement rests on, beside the copy or job itself.
#[derive(Debug, Clone, Copy)]
pub struct Circumstances<'a> {
    /// The database's clock.
    pub now: Timestamp,
    /// The queues, if somebody could look.
    pub queues: Option<&'a [SeenQueue]>,
}

impl Circumstances<'_> {
    /// What is the matter with a copy that has this lock and these jobs, the youngest first.
    #[must_use]
    pub fn of_copy(&self, copy: &SeenCopy, lock: Option<&SeenLock>, jobs: &[SeenJob]) -> Verdict {
        let job = |kind| jobs.iter().find(|job| job.kind == kind);
        if copy.discarded {
            return Verdict::Discarded;
        }
        match copy.status {
            Status::Staging => match job(JobKind::ImportCopy) {
                Some(job) if copy.failure.is_some() || job.state != JobState::Succeeded => self.of_job(job),
                Some(_) | None => Verdict::WaitingForValidation,
            },
            Status::Ready => Verdict::WaitingForCorrector,
            Status::Locked if lock.is_some_and(|lock| is_over(lock, self.now)) => Verdict::LockLapsed,
            Status::Locked => Verdict::BeingCorrected,
            Status::GradingInProgress => {
                job(JobKind::FinalizeCopy).map_or(Verdict::NotAnnounced, |job| self.of_job(job))
            }
            Status::Graded => Verdict::Done,
            Status::GradingFailed => match job(JobKind::FinalizeCopy) {
                Some(job) if job.state == JobState::Cancelled => Verdict::Cancelled,
                Some(_) | None => Verdict::FinalizeFailed,
            },
        }
    }

    /// What is the matter with a job that has these beside it, those of the same copy.
    #[must_use]
    pub fn of_job_among(&self, job: &SeenJob, others: &[SeenJob]) -> Verdict {
        let is_later = |other: &SeenJob| {
            other.copy.is_some()
                && (other.copy, other.kind) == (job.copy, job.kind)
                && other.created_at > job.created_at
        };
        if job.state == JobState::Failed && others.iter().any(is_later) {
            return Verdict::TriedAgain;
        }
        self.of_job(job)
    }

    /// What is the matter with a job.
    #[must_use]
    pub fn of_job(&self, job: &SeenJob) -> Verdict {
        match (job.state, job.kind) {
            (JobState::Queued, _) => self.of_waiting(job),
            (JobState::Running, _) if job.lease_until.is_none_or(|until| until + OVER <= self.now) => {
                Verdict::WorkerSilent
            }
            (JobState::Running, _) => Verdict::BeingWorkedOn,
            (JobState::Succeeded, _) => Verdict::Done,
            (JobState::Cancelled, _) => Verdict::Cancelled,
            (JobState::Failed, JobKind::ImportCopy) => Verdict::ImportFailed,
            (JobState::Failed, JobKind::FinalizeCopy) => Verdict::FinalizeFailed,
            (JobState::Failed, JobKind::SplitBatch) => Verdict::SplitFailed,
            (JobState::Failed, JobKind::ReadIdentity) => Verdict::ReadFailed,
            (JobState::Failed, JobKind::MakeArchive) => Verdict::ArchiveFailed,
        }
    }

    fn of_waiting(&self, job: &SeenJob) -> Verdict {
        if job.next_attempt_at.is_some_and(|at| at > self.now) {
            return Verdict::AboutToBeRetried;
        }
        let Some(message) = &job.message else {
            return Verdict::NotAnnounced;
        };
        let Some(sent) = message.sent_at else {
            let overdue = self.now - message.available_at > DUE || message.fault.is_some();
            return if overdue {
                Verdict::NotAnnounced
            } else {
                Verdict::WaitingForWorker
            };
        };
        let unclaimed = match self.consumers(job.kind) {
            Some(consumers) => consumers == 0,
            None => self.now - sent > UNCLAIMED,
        };
        if unclaimed {
            Verdict::NoWorker
        } else {
            Verdict::WaitingForWorker
        }
    }

    /// How many take jobs of this kind; `None` if nobody could look.
    fn consumers(&self, kind: JobKind) -> Option<u32> {
        let name = match kind {
            JobKind::ImportCopy | JobKind::SplitBatch | JobKind::MakeArchive => broker::IMPORT_QUEUE,
            JobKind::FinalizeCopy => broker::FINALIZE_QUEUE,
            JobKind::ReadIdentity => broker::IDENTITY_QUEUE,
        };
        let queue = self.queues?.iter().find(|queue| queue.name == name);
        Some(
            queue
                .and_then(|queue| queue.depth)
                .map_or(0, |depth| depth.consumers),
        )
    }
}

/// Whether a lock should be gone by now.
#[must_use]
pub fn is_over(lock: &SeenLock, now: Timestamp) -> bool {
    lock.expires_at + OVER <= now
}

#[cfg(test)]
mod tests {
    use broker::Depth;
    use chrono::{DateTime, TimeDelta};
    use domain::{FailureCode, Ids};
    use store::SeenMessage;

    use super::*;

    fn now() -> Timestamp {
        DateTime::UNIX_EPOCH + TimeDelta::days(20_000)
    }

    fn ago(seconds: i64) -> Timestamp {
        now() - TimeDelta::seconds(seconds)
    }

    /// A finalization that was announced this many seconds ago and that nobody has claimed.
    fn waiting(seconds: i64) -> SeenJob {
        let ids = Ids::sequence();
        SeenJob {
            id: ids.next(),
            kind: JobKind::FinalizeCopy,
            copy: Some(ids.next()),
            batch: None,
            state: JobState::Queued,
            attempt: 0,
            max_attempts: 3,
            failure: None,
            worker: None,
            lease_until: None,
            next_attempt_at: None,
            progress: (0, 0),
            request_id: "a-request".parse().unwrap(),
            created_at: ago(seconds),
            finished_at: None,
            traceparent: None,
            message: Some(SeenMessage {
                sent_at: Some(ago(seconds)),
                available_at: ago(seconds),
                attempts: 1,
                fault: None,
                traceparent: None,
            }),
        }
    }

    fn unsent(seconds: i64, fault: Option<&str>) -> SeenJob {
        let mut job = waiting(seconds);
        let message = job.message.as_mut().unwrap();
        (message.sent_at, message.fault) = (None, fault.map(str::to_owned));
        job
    }

    fn blind(job: &SeenJob) -> Verdict {
        let circumstances = Circumstances {
            now: now(),
            queues: None,
        };
        circumstances.of_job(job)
    }

    fn seeing(consumers: u32, job: &SeenJob) -> Verdict {
        let queues = [SeenQueue {
            name: broker::FINALIZE_QUEUE,
            dead: false,
            depth: Some(Depth {
                messages: 1,
                consumers,
            }),
        }];
        let circumstances = Circumstances {
            now: now(),
            queues: Some(&queues),
        };
        circumstances.of_job(job)
    }

    #[test]
    fn a_job_that_waits_is_judged_by_who_could_take_it() {
        assert_eq!(seeing(1, &waiting(600)), Verdict::WaitingForWorker);
        assert_eq!(seeing(0, &waiting(1)), Verdict::NoWorker);
        assert_eq!(blind(&waiting(60)), Verdict::WaitingForWorker);
        assert_eq!(blind(&waiting(121)), Verdict::NoWorker);
    }

    #[test]
    fn a_job_that_was_not_announced_is_told_from_one_that_nobody_takes() {
        assert_eq!(seeing(0, &unsent(1, None)), Verdict::WaitingForWorker);
        assert_eq!(seeing(0, &unsent(16, None)), Verdict::NotAnnounced);
        assert_eq!(seeing(1, &unsent(1, Some("disconnected"))), Verdict::NotAnnounced);
        let forgotten = SeenJob {
            message: None,
            ..waiting(1)
        };
        assert_eq!(seeing(1, &forgotten), Verdict::NotAnnounced);
    }

    #[test]
    fn an_attempt_that_failed_waits_for_its_time_first() {
        let job = SeenJob {
            attempt: 1,
            failure: Some(FailureCode::Unknown),
            next_attempt_at: Some(now() + TimeDelta::seconds(5)),
            ..unsent(60, Some("disconnected"))
        };
        assert_eq!(blind(&job), Verdict::AboutToBeRetried);
    }

    #[test]
    fn a_worker_is_silent_when_its_lease_is_over() {
        let running = |until| SeenJob {
            state: JobState::Running,
            lease_until: until,
            ..waiting(60)
        };
        assert_eq!(blind(&running(Some(ago(59)))), Verdict::BeingWorkedOn);
        assert_eq!(blind(&running(Some(ago(60)))), Verdict::WorkerSilent);
        assert_eq!(blind(&running(None)), Verdict::WorkerSilent);
    }

    #[test]
    fn a_failure_that_was_tried_again_is_no_trouble_any_more() {
        let failed = |seconds| SeenJob {
            state: JobState::Failed,
            failure: Some(FailureCode::Unknown),
            ..waiting(seconds)
        };
        let circumstances = Circumstances {
            now: now(),
            queues: None,
        };
        let jobs = [failed(10), failed(20)];
        let verdicts = jobs.each_ref().map(|job| circumstances.of_job_among(job, &jobs));
        assert_eq!(verdicts, [Verdict::FinalizeFailed, Verdict::TriedAgain]);
    }

    #[test]
    fn verdicts_have_names_of_their_own() {
        let mut names: Vec<_> = Verdict::ALL.iter().map(|verdict| verdict.as_str()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Verdict::ALL.len());
    }
}
