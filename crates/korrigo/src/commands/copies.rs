//! `korrigo copies`: what a person has to look at.

use clap::{Args, Subcommand};
use contracts::grading::copies_client::CopiesClient;
use contracts::grading::{
    DiscardCopyRequest, FinalizeCopyRequest, GetCopyRequest, RetryImportRequest, StartedJob,
};
use domain::{CopyId, FailureCode, Reason, Status, Timestamp};
use serde_json::{Value, json};
use store::SeenCopy;
use tonic::Response;

use crate::commands::cli::closed;
use crate::commands::database::AppDatabase;
use crate::commands::operator::AsOperator;
use crate::commands::show::{LIMIT, ago, or_dash};
use crate::operator::Line;
use crate::{Answer, Failure};

/// Arguments of `korrigo copies`.
#[derive(Debug, Args)]
pub struct Copies {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists the copies that could not be imported or finalized, and those that wait for a job that does not exist; those that
    /// wait longest first.
    #[command(after_help = "Example: korrigo copies stuck --json")]
    Stuck(Stuck),
    /// Tries again what has failed: the import of a copy, or its corrected document.
    #[command(
        after_help = "Example: korrigo copies retry 0198c5a0-0000-7000-8000-000000000001 --operator head@school.example"
    )]
    Retry(Retry),
    /// Puts a copy aside that never became READY.
    #[command(
        after_help = "Example: korrigo copies discard 0198c5a0-0000-7000-8000-000000000001 --reason bad_scan \\
  --operator head@school.example"
    )]
    Discard(Discard),
}

#[derive(Debug, Args)]
struct Stuck {
    #[command(flatten)]
    database: AppDatabase,
}

#[derive(Debug, Args)]
struct Retry {
    #[command(flatten)]
    operator: AsOperator,
    /// The copy.
    copy: CopyId,
}

#[derive(Debug, Args)]
struct Discard {
    #[command(flatten)]
    operator: AsOperator,
    /// The copy.
    copy: CopyId,
    /// Why.
    #[arg(long, value_parser = closed(Reason::ALL))]
    reason: Reason,
}

impl Copies {
    /// Does it.
    pub fn run(self) -> Result<Answer, Failure> {
        match self.command {
            Command::Stuck(command) => command.run(),
            Command::Retry(command) => command.run(),
            Command::Discard(command) => command.run(),
        }
    }
}

impl Stuck {
    fn run(&self) -> Result<Answer, Failure> {
        let (now, copies) = self
            .database
            .look("list_stuck", |tx| Ok((tx.now()?, tx.diagnosis().stuck(LIMIT)?)))?;
        Ok(listed(now, &copies))
    }
}

impl Retry {
    fn run(&self) -> Result<Answer, Failure> {
        let copy = self.copy.to_string();
        let (job, request) = self.operator.act(async |line| retry(line, copy).await)?;
        let job = job.job_id;
        Ok(Answer::new(
            format!("job {job} (request {request})"),
            json!({ "copy_id": self.copy.to_string(), "job_id": job, "request_id": request.as_str() }),
        ))
    }
}

async fn retry(line: Line, id: String) -> Result<Response<StartedJob>, tonic::Status> {
    let mut copies = CopiesClient::new(line);
    let copy = copies.get(GetCopyRequest { id: id.clone() }).await?.into_inner();
    if copy.status == Status::Staging.as_str() {
        return copies.retry_import(RetryImportRequest { id }).await;
    }
    let finalize = FinalizeCopyRequest {
        // What failed last time needs no lock. Two operators at once start one job, by the version that both saw.
        lock_token: String::new(),
        idempotency_key: format!("korrigo-copies-retry-{id}-{}", copy.version),
        id,
    };
    copies.finalize(finalize).await
}

impl Discard {
    fn run(&self) -> Result<Answer, Failure> {
        let asked = DiscardCopyRequest {
            id: self.copy.to_string(),
            reason: self.reason.to_string(),
        };
        let discard = async |line| CopiesClient::new(line).discard(asked).await;
        let (copy, request) = self.operator.act(discard)?;
        Ok(Answer::new(
            format!("{} is put aside (request {request})", copy.id),
            json!({ "copy_id": copy.id, "reason": self.reason.as_str(), "request_id": request.as_str() }),
        ))
    }
}

fn listed(now: Timestamp, copies: &[SeenCopy]) -> Answer {
    let rows: Vec<_> = copies
        .iter()
        .map(|copy| {
            [
                copy.id.to_string(),
                copy.exam.to_string(),
                copy.status.to_string(),
                or_dash(copy.failure),
                ago(now, copy.since),
            ]
        })
        .collect();
    let heads = ["COPY", "EXAM", "STATUS", "FAILURE", "SINCE"];
    Answer::list(heads, &rows, as_json(copies))
}

fn as_json(copies: &[SeenCopy]) -> Value {
    let copies = copies.iter().map(|copy| {
        json!({
            "copy": copy.id.to_string(),
            "exam": copy.exam.to_string(),
            "status": copy.status.as_str(),
            "failure": copy.failure.map(FailureCode::as_str),
            "since": copy.since,
        })
    });
    copies.collect()
}
