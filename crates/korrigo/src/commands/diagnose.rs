//! `korrigo diagnose`: what is the matter with a copy, a job, or what a request caused.

use std::process::ExitCode;
use std::str::FromStr;

use broker::SeenQueue;
use clap::{Args, Subcommand};
use domain::{CopyId, FailureCode, JobId, RequestId, Timestamp};
use serde_json::{Value, json};
use store::{Error, JobsOf, SeenCopy, SeenEvent, SeenJob, SeenLock, Tx};

use crate::Failure;
use crate::commands::cli::block_on;
use crate::commands::database::AppDatabase;
use crate::commands::queues::MaybeBroker;
use crate::commands::show::{self, TROUBLE, ago, or_dash, when};
use crate::diagnosis::{Circumstances, Verdict};
use crate::terminal;

/// How it ends when nobody could look.
const NOT_DIAGNOSED: u8 = 2;
/// How many jobs of a copy or request are looked at, and how many of its events.
const RECENT: u16 = 10;

/// Arguments of `korrigo diagnose`.
#[derive(Debug, Args)]
pub struct Diagnose {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// A copy: its state, lock, jobs and last events.
    ///
    /// Ends with 0 if all is as it should be, with 1 if somebody has to do something, and with 2 if it could not be looked
    /// at.
    #[command(after_help = "Example: korrigo diagnose copy 0198c5a0-0000-7000-8000-000000000001")]
    Copy(On<CopyId>),
    /// A job: its attempts, its message, who works on it.
    #[command(after_help = "Example: korrigo diagnose job 0198c5a0-0000-7000-8000-000000000001 --json")]
    Job(On<JobId>),
    /// What a request caused, by the request id that is in its answer and on its log lines.
    #[command(after_help = "Example: korrigo diagnose request 0198c5a0-0000-7000-8000-000000000001")]
    Request(On<RequestId>),
}

#[derive(Debug, Args)]
struct On<Id: Identifies> {
    #[command(flatten)]
    database: AppDatabase,
    #[command(flatten)]
    broker: MaybeBroker,
    /// Which.
    id: Id,
    /// One JSON object instead of sentences.
    #[arg(long)]
    json: bool,
}

/// An id that can be written on a command line.
trait Identifies: Clone + Send + Sync + FromStr<Err: std::error::Error + Send + Sync> + 'static {}

impl<Id: Clone + Send + Sync + FromStr<Err: std::error::Error + Send + Sync> + 'static> Identifies for Id {}

/// What was seen.
struct Seen {
    now: Timestamp,
    copy: Option<SeenCopy>,
    lock: Option<SeenLock>,
    /// The one that was asked for among the jobs of its copy.
    of: Option<JobId>,
    jobs: Vec<SeenJob>,
    events: Vec<SeenEvent>,
}

impl Diagnose {
    /// Does it.
    pub fn run(self) -> ExitCode {
        let done = match self.command {
            Command::Copy(on) => on.diagnose(on_copy),
            Command::Job(on) => on.diagnose(on_job),
            Command::Request(on) => on.diagnose(|tx, id| on_jobs(tx, &JobsOf::Request(id.clone()))),
        };
        done.unwrap_or_else(|failure| {
            failure.print();
            ExitCode::from(NOT_DIAGNOSED)
        })
    }
}

fn on_copy(tx: &mut Tx<'_>, &id: &CopyId) -> Result<Seen, Error> {
    let now = tx.now()?;
    let mut diagnosis = tx.diagnosis();
    Ok(Seen {
        now,
        copy: diagnosis.copy(id)?,
        lock: diagnosis.lock_of(id)?,
        of: None,
        jobs: diagnosis.jobs(&JobsOf::Copy(id), RECENT)?,
        events: diagnosis.events(id, RECENT)?,
    })
}

fn on_jobs(tx: &mut Tx<'_>, of: &JobsOf) -> Result<Seen, Error> {
    let now = tx.now()?;
    Ok(Seen {
        now,
        copy: None,
        lock: None,
        of: None,
        jobs: tx.diagnosis().jobs(of, RECENT)?,
        events: Vec::new(),
    })
}

/// With the other jobs of its copy: one of them may have taken it up.
fn on_job(tx: &mut Tx<'_>, &id: &JobId) -> Result<Seen, Error> {
    let seen = on_jobs(tx, &JobsOf::Job(id))?;
    let Some(copy) = seen.jobs.first().and_then(|job| job.copy) else {
        return Ok(seen);
    };
    let mut jobs = tx.diagnosis().jobs(&JobsOf::Copy(copy), RECENT)?;
    if !jobs.iter().any(|job| job.id == id) {
        jobs.extend_from_slice(&seen.jobs);
    }
    Ok(Seen {
        of: Some(id),
        jobs,
        ..seen
    })
}

impl<Id: Identifies> On<Id> {
    fn diagnose(
        self,
        mut look: impl FnMut(&mut Tx<'_>, &Id) -> Result<Seen, Error> + Send + 'static,
    ) -> Result<ExitCode, Failure> {
        let id = self.id;
        let seen = self.database.look("diagnose", move |tx| look(tx, &id))?;
        if seen.copy.is_none() && seen.jobs.is_empty() {
            return Err(Failure::new("there is no such thing", "check the id"));
        }
        let queues = block_on(async { Ok(self.broker.look().await) })?;
        let queues = queues.and_then(|looked| match looked {
            Ok(queues) => Some(queues),
            Err(error) => {
                Failure::new(
                    error,
                    "the queues are not part of this diagnosis: see whether RabbitMQ runs",
                )
                .print();
                None
            }
        });
        let verdict = seen.verdict(queues.as_deref());
        terminal::result(if self.json {
            seen.as_json(verdict, queues.as_deref())
        } else {
            seen.as_text(verdict, queues.as_deref())
        });
        Ok(if verdict.is_trouble() {
            ExitCode::from(TROUBLE)
        } else {
            ExitCode::SUCCESS
        })
    }
}

impl Seen {
    /// Of several jobs, the youngest one that is in trouble, or the youngest.
    fn verdict(&self, queues: Option<&[SeenQueue]>) -> Verdict {
        let circumstances = Circumstances {
            now: self.now,
            queues,
        };
        if let Some(copy) = &self.copy {
            return circumstances.of_copy(copy, self.lock.as_ref(), &self.jobs);
        }
        let judged = self
            .jobs
            .iter()
            .filter(|job| self.of.is_none_or(|of| of == job.id));
        let verdicts: Vec<_> = judged
            .map(|job| circumstances.of_job_among(job, &self.jobs))
            .collect();
        let pressing = verdicts.iter().find(|verdict| verdict.is_trouble());
        pressing.or(verdicts.first()).copied().unwrap_or(Verdict::Done)
    }

    fn as_text(&self, verdict: Verdict, queues: Option<&[SeenQueue]>) -> String {
        let mut lines = vec![
            format!("verdict  {}", verdict.as_str()),
            format!("         {}", verdict.advice()),
        ];
        if let Some(copy) = &self.copy {
            lines.push(format!(
                "copy     {} {}, {} pages, failure {}, last event {}",
                copy.id,
                copy.status,
                or_dash(copy.pages),
                or_dash(copy.failure),
                ago(self.now, copy.since),
            ));
        }
        if let Some(lock) = &self.lock {
            lines.push(format!(
                "lock     of {}, fence {}, taken {}, ends {}",
                lock.owner,
                lock.fence,
                ago(self.now, lock.acquired_at),
                when(self.now, lock.expires_at),
            ));
        }
        for job in &self.jobs {
            lines.extend(self.of_job(job));
        }
        for event in &self.events {
            let SeenEvent {
                seq,
                action,
                actor,
                at,
            } = event;
            lines.push(format!(
                "event    {seq} {action} by a {actor}, {}",
                ago(self.now, *at)
            ));
        }
        let queues = queues.unwrap_or_default().iter();
        lines.extend(queues.map(|queue| format!("queue    {}", show::queue_line(queue))));
        lines.join("\n")
    }

    fn of_job(&self, job: &SeenJob) -> Vec<String> {
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
                "         request {}, registered {}, lease {}, next attempt {}",
                job.request_id,
                ago(self.now, job.created_at),
                or_dash(job.lease_until.map(|at| when(self.now, at))),
                or_dash(job.next_attempt_at.map(|at| when(self.now, at))),
            ),
        ];
        if let Some(message) = &job.message {
            let trace = message.traceparent.as_ref().map(domain::TraceParent::trace_id);
            lines.push(format!(
                "         message sent {}, tries {}, last fault {}, trace {}",
                or_dash(message.sent_at.map(|at| ago(self.now, at))),
                message.attempts,
                or_dash(message.fault.as_ref()),
                or_dash(trace),
            ));
        }
        lines
    }

    fn as_json(&self, verdict: Verdict, queues: Option<&[SeenQueue]>) -> String {
        let copy = self.copy.as_ref().map(|copy| {
            json!({
                "id": copy.id.to_string(),
                "exam": copy.exam.to_string(),
                "status": copy.status.as_str(),
                "pages": copy.pages,
                "failure": copy.failure.map(FailureCode::as_str),
                "discarded": copy.discarded,
                "since": copy.since,
            })
        });
        let events = self.events.iter().map(
            |event| json!({ "seq": event.seq, "action": event.action, "actor": event.actor, "at": event.at }),
        );
        let queues = queues.map(|queues| queues.iter().map(show::queue).collect::<Value>());
        json!({
            "verdict": verdict.as_str(),
            "trouble": verdict.is_trouble(),
            "advice": verdict.advice(),
            "copy": copy,
            "lock": self.lock.as_ref().map(show::lock),
            "jobs": self.jobs.iter().map(show::job).collect::<Value>(),
            "events": events.collect::<Value>(),
            "queues": queues,
        })
        .to_string()
    }
}
