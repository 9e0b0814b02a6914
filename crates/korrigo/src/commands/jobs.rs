//! `korrigo jobs`: the work of the workers.

use clap::{Args, Subcommand};
use contracts::grading::jobs_client::JobsClient;
use contracts::grading::{CancelJobRequest, RetryJobRequest};
use domain::{JobId, JobState, Timestamp};
use serde_json::json;
use store::{JobsOf, SeenJob};

use crate::commands::cli::closed;
use crate::commands::database::AppDatabase;
use crate::commands::operator::AsOperator;
use crate::commands::show::{self, LIMIT, Waiting, ago, or_dash, when};
use crate::{Answer, Failure};

/// Arguments of `korrigo jobs`.
#[derive(Debug, Args)]
pub struct Jobs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists jobs, the youngest first.
    #[command(after_help = "Examples:
  korrigo jobs list --state QUEUED
  korrigo jobs list --stuck --stuck-after 1h")]
    List(List),
    /// Has what a job was for tried again; a job that waits is tried at once.
    ///
    /// A scan of many copies that could not be taken apart is uploaded again instead.
    #[command(
        after_help = "Example: korrigo jobs retry 0198c5a0-0000-7000-8000-000000000001 --operator head@school.example"
    )]
    Retry(Chosen),
    /// Calls a job off. What it was for counts as failed: it can be tried again or put aside.
    #[command(
        after_help = "Example: korrigo jobs cancel 0198c5a0-0000-7000-8000-000000000001 --operator head@school.example"
    )]
    Cancel(Chosen),
}

#[derive(Debug, Args)]
struct Chosen {
    #[command(flatten)]
    operator: AsOperator,
    /// The job.
    job: JobId,
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    database: AppDatabase,
    /// Only those in this state.
    #[arg(long, value_parser = closed(JobState::ALL), conflicts_with = "stuck")]
    state: Option<JobState>,
    /// Only those that a person has to look at: whose worker is silent, that were ordered too long ago, and archives that
    /// could not be made.
    #[arg(long)]
    stuck: bool,
    #[command(flatten)]
    waiting: Waiting,
    /// How many at most.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=i64::from(LIMIT)))]
    limit: u16,
}

impl Jobs {
    /// Does it.
    pub fn run(self) -> Result<Answer, Failure> {
        match self.command {
            Command::List(command) => command.run(),
            Command::Retry(command) => command.retry(),
            Command::Cancel(command) => command.cancel(),
        }
    }
}

impl Chosen {
    fn retry(&self) -> Result<Answer, Failure> {
        let asked = RetryJobRequest {
            id: self.job.to_string(),
        };
        let retry = async |line| JobsClient::new(line).retry(asked).await;
        let (retried, request) = self.operator.act(retry)?;
        let job = retried.job_id;
        Ok(Answer::new(
            format!("job {job} (request {request})"),
            json!({ "job_id": job, "retried_job_id": self.job.to_string(), "request_id": request.as_str() }),
        ))
    }

    fn cancel(&self) -> Result<Answer, Failure> {
        let asked = CancelJobRequest {
            id: self.job.to_string(),
        };
        let cancel = async |line| JobsClient::new(line).cancel(asked).await;
        let (job, request) = self.operator.act(cancel)?;
        Ok(Answer::new(
            format!("{} is {} (request {request})", job.id, job.state),
            json!({ "job_id": job.id, "state": job.state, "request_id": request.as_str() }),
        ))
    }
}

impl List {
    fn run(&self) -> Result<Answer, Failure> {
        let limit = self.limit;
        let which = if self.stuck {
            JobsOf::Stuck(self.waiting.delta())
        } else {
            JobsOf::State(self.state)
        };
        let (now, jobs) = self.database.look("list_jobs", move |tx| {
            Ok((tx.now()?, tx.diagnosis().jobs(&which, limit)?))
        })?;
        Ok(listed(now, &jobs))
    }
}

fn listed(now: Timestamp, jobs: &[SeenJob]) -> Answer {
    let rows: Vec<_> = jobs.iter().map(|job| row(now, job)).collect();
    let heads = [
        "JOB",
        "KIND",
        "STATE",
        "ATTEMPT",
        "FAILURE",
        "REGISTERED",
        "NEXT",
        "REQUEST",
    ];
    Answer::list(heads, &rows, jobs.iter().map(show::job).collect())
}

fn row(now: Timestamp, job: &SeenJob) -> [String; 8] {
    [
        job.id.to_string(),
        job.kind.to_string(),
        job.state.to_string(),
        format!("{} of {}", job.attempt, job.max_attempts),
        or_dash(job.failure),
        ago(now, job.created_at),
        or_dash(job.next_attempt_at.map(|at| when(now, at))),
        job.request_id.to_string(),
    ]
}
