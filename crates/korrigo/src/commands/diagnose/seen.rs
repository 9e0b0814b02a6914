//! What is seen of a copy, a job or a request, and how it is said.

use broker::SeenQueue;
use domain::{CopyId, FailureCode, JobId, RequestId, Timestamp};
use serde_json::{Value, json};
use store::{Blocker, Error, JobsOf, SeenCopy, SeenEvent, SeenJob, SeenLock, Tx};

use crate::commands::show::{self, ago, or_dash, when};
use crate::diagnosis::{Circumstances, Finding, Verdict};

/// How many jobs of a copy or request are looked at, and how many events of a copy.
const RECENT: u16 = 10;

/// What somebody asked about.
enum Subject {
    Copy,
    Job(JobId),
    Request(RequestId),
}

/// What was seen.
pub(super) struct Seen {
    now: Timestamp,
    subject: Subject,
    copies: Vec<SeenCopy>,
    locks: Vec<SeenLock>,
    jobs: Vec<SeenJob>,
    events: Vec<SeenEvent>,
}

/// What is around it.
pub(super) struct Around {
    pub(super) blockers: Vec<Blocker>,
    pub(super) findings: Vec<Finding>,
    /// The queues, if somebody could look.
    pub(super) queues: Option<Vec<SeenQueue>>,
}

impl Seen {
    pub(super) fn of_copy(tx: &mut Tx<'_>, id: CopyId) -> Result<Option<Self>, Error> {
        let jobs = tx.diagnosis().jobs(&JobsOf::Copy(id), RECENT)?;
        let seen = Self::of(tx, Subject::Copy, jobs, &[id])?;
        Ok(Some(seen).filter(|seen| !seen.copies.is_empty()))
    }

    /// With the other jobs of its copy: one of them may have taken it up.
    pub(super) fn of_job(tx: &mut Tx<'_>, id: JobId) -> Result<Option<Self>, Error> {
        let itself = tx.diagnosis().jobs(&JobsOf::Job(id), 1)?;
        let Some(copy) = itself.first().map(|job| job.copy) else {
            return Ok(None);
        };
        let mut jobs = match copy {
            Some(copy) => tx.diagnosis().jobs(&JobsOf::Copy(copy), RECENT)?,
            None => Vec::new(),
        };
        if !jobs.iter().any(|job| job.id == id) {
            jobs.extend(itself);
        }
        Self::of(tx, Subject::Job(id), jobs, copy.as_slice()).map(Some)
    }

    pub(super) fn of_request(tx: &mut Tx<'_>, id: &RequestId) -> Result<Option<Self>, Error> {
        let jobs = tx.diagnosis().jobs(&JobsOf::Request(id.clone()), RECENT)?;
        let mut copies: Vec<_> = jobs.iter().filter_map(|job| job.copy).collect();
        copies.sort_unstable();
        copies.dedup();
        Self::of(tx, Subject::Request(id.clone()), jobs, &copies).map(Some)
    }

    fn of(
        tx: &mut Tx<'_>,
        subject: Subject,
        jobs: Vec<SeenJob>,
        of_copies: &[CopyId],
    ) -> Result<Self, Error> {
        let now = tx.now()?;
        let mut diagnosis = tx.diagnosis();
        let (mut copies, mut locks, mut events) = (Vec::new(), Vec::new(), Vec::new());
        for copy in of_copies {
            copies.extend(diagnosis.copy(*copy)?);
            locks.extend(diagnosis.lock_of(*copy)?);
            events.extend(diagnosis.events(*copy, RECENT)?);
        }
        Ok(Self {
            now,
            subject,
            copies,
            locks,
            jobs,
            events,
        })
    }

    /// Of several jobs, the youngest one that is in trouble, or the youngest.
    pub(super) fn verdict(&self, queues: Option<&[SeenQueue]>) -> Verdict {
        let circumstances = Circumstances {
            now: self.now,
            queues,
        };
        let of = match (&self.subject, self.copies.first()) {
            (Subject::Copy, Some(copy)) => {
                return circumstances.of_copy(copy, self.locks.first(), &self.jobs);
            }
            (Subject::Job(id), _) => Some(*id),
            (Subject::Copy | Subject::Request(_), _) => None,
        };
        let judged = self.jobs.iter().filter(|job| of.is_none_or(|of| of == job.id));
        let verdicts: Vec<_> = judged
            .map(|job| circumstances.of_job_among(job, &self.jobs))
            .collect();
        let pressing = verdicts.iter().find(|verdict| verdict.is_trouble());
        pressing
            .or(verdicts.first())
            .copied()
            .unwrap_or(Verdict::LeftNothing)
    }

    pub(super) fn as_text(&self, verdict: Verdict, around: &Around) -> String {
        let mut lines = vec![
            format!("verdict  {}", verdict.as_str()),
            format!("         {}", verdict.advice()),
        ];
        if let (Verdict::LeftNothing, Subject::Request(id)) = (verdict, &self.subject) {
            let here = "grep -rh --include='*.log'";
            lines.push(format!("logs     {here} {id} \"$KORRIGO_LOG_DIR\""));
        }
        for copy in &self.copies {
            lines.push(format!(
                "copy     {} {}, {} pages, failure {}, last event {}",
                copy.id,
                copy.status,
                or_dash(copy.pages),
                or_dash(copy.failure),
                ago(self.now, copy.since),
            ));
        }
        for lock in &self.locks {
            lines.push(format!(
                "lock     of {}, fence {}, taken {}, ends {}",
                lock.owner,
                lock.fence,
                ago(self.now, lock.acquired_at),
                when(self.now, lock.expires_at),
            ));
        }
        lines.extend(self.jobs.iter().flat_map(|job| self.lines_of(job)));
        let events = self.events.iter();
        lines.extend(events.map(|event| show::event_line(self.now, event)));
        lines.extend(around.as_lines());
        lines.join("\n")
    }

    fn lines_of(&self, job: &SeenJob) -> Vec<String> {
        let mut lines = vec![
            format!(
                "job      {} {} {}, attempt {} of {}, failure {}, {} of {} pages",
                job.id,
                job.kind,
                job.state,
                job.attempt,
                job.max_attempts,
                or_dash(job.failure),
                job.progress.0,
                job.progress.1,
            ),
            format!(
                "         request {}, registered {}, worker {}, lease {}, next attempt {}",
                job.request_id,
                ago(self.now, job.created_at),
                or_dash(job.worker),
                or_dash(job.lease_until.map(|at| when(self.now, at))),
                or_dash(job.next_attempt_at.map(|at| when(self.now, at))),
            ),
            format!("         trace {}", show::trace(job).unwrap_or("was not kept")),
        ];
        if let Some(message) = &job.message {
            lines.push(format!(
                "         message sent {}, tries {}, last fault {}",
                or_dash(message.sent_at.map(|at| ago(self.now, at))),
                message.attempts,
                or_dash(message.fault.as_ref()),
            ));
        }
        lines
    }

    pub(super) fn as_json(&self, (verdict, trouble): (Verdict, bool), around: &Around) -> Value {
        json!({
            "verdict": verdict.as_str(),
            "trouble": trouble,
            "advice": verdict.advice(),
            "copies": self.copies.iter().map(copy).collect::<Value>(),
            "locks": self.locks.iter().map(show::lock).collect::<Value>(),
            "jobs": self.jobs.iter().map(show::job).collect::<Value>(),
            "events": self.events.iter().map(show::event).collect::<Value>(),
            "blockers": around.blockers(),
            "queues": around.queues(),
            "findings": around.findings(),
        })
    }
}

impl Around {
    fn as_lines(&self) -> Vec<String> {
        let mut lines: Vec<_> = self.blockers.iter().map(show::blocker_line).collect();
        let queues = self.queues.iter().flatten();
        lines.extend(queues.map(|queue| format!("queue    {}", show::queue_line(queue))));
        let findings = self.findings.iter();
        lines.extend(findings.map(|finding| format!("finding  {}: {}", finding.as_str(), finding.advice())));
        lines
    }

    fn blockers(&self) -> Value {
        self.blockers.iter().map(show::blocker).collect()
    }

    fn queues(&self) -> Option<Value> {
        let queues = self.queues.as_ref()?;
        Some(queues.iter().map(show::queue).collect())
    }

    fn findings(&self) -> Value {
        self.findings.iter().map(|finding| finding.as_str()).collect()
    }
}

/// Why nothing could be seen, in words.
pub(super) fn unseen_as_text(finding: Finding, error: &Error, around: &Around) -> String {
    let mut lines = vec![
        format!("verdict  {}", finding.as_str()),
        format!("         {}", finding.advice()),
        format!("database {error}"),
    ];
    lines.extend(around.as_lines());
    lines.join("\n")
}

/// Why nothing could be seen.
pub(super) fn unseen_as_json(finding: Finding, error: &Error, around: &Around) -> Value {
    json!({
        "verdict": finding.as_str(),
        "trouble": true,
        "advice": finding.advice(),
        "error": error.to_string(),
        "blockers": around.blockers(),
        "queues": around.queues(),
        "findings": around.findings(),
    })
}

fn copy(copy: &SeenCopy) -> Value {
    json!({
        "id": copy.id.to_string(),
        "exam": copy.exam.to_string(),
        "status": copy.status.as_str(),
        "pages": copy.pages,
        "failure": copy.failure.map(FailureCode::as_str),
        "discarded": copy.discarded,
        "since": copy.since,
    })
}
