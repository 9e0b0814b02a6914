//! `korrigo batches`: scans of many copies that could not be taken apart.

use clap::{Args, Subcommand};
use contracts::grading::batches_client::BatchesClient;
use contracts::grading::{DiscardBatchReply, DiscardBatchRequest, RefusedCopy};
use domain::{BatchId, FailureCode, Reason, RequestId, Timestamp};
use serde_json::{Value, json};
use store::SeenBatch;

use crate::commands::cli::closed;
use crate::commands::database::AppDatabase;
use crate::commands::operator::AsOperator;
use crate::commands::show::{LIMIT, ago, or_dash};
use crate::{Answer, Failure};

/// Arguments of `korrigo batches`.
#[derive(Debug, Args)]
pub struct Batches {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists the scans that could not be taken apart, that did not come again, and that nobody has put aside; the oldest
    /// first.
    #[command(after_help = "Example: korrigo batches list --json")]
    List(List),
    /// Puts a scan aside, with every copy of it that never became READY.
    #[command(
        after_help = "Example: korrigo batches discard 0198c5a0-0000-7000-8000-000000000001 --reason bad_scan \\
  --operator head@school.example"
    )]
    Discard(Discard),
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    database: AppDatabase,
}

#[derive(Debug, Args)]
struct Discard {
    #[command(flatten)]
    operator: AsOperator,
    /// The scan.
    batch: BatchId,
    /// Why.
    #[arg(long, value_parser = closed(Reason::ALL))]
    reason: Reason,
}

impl Batches {
    /// Does it.
    pub fn run(self) -> Result<Answer, Failure> {
        match self.command {
            Command::List(command) => command.run(),
            Command::Discard(command) => command.run(),
        }
    }
}

impl List {
    fn run(&self) -> Result<Answer, Failure> {
        let (now, batches) = self.database.look("list_unsplit", |tx| {
            Ok((tx.now()?, tx.diagnosis().unsplit(LIMIT)?))
        })?;
        Ok(listed(now, &batches))
    }
}

impl Discard {
    fn run(&self) -> Result<Answer, Failure> {
        let asked = DiscardBatchRequest {
            id: self.batch.to_string(),
            reason: self.reason.to_string(),
        };
        let discard = async |line| BatchesClient::new(line).discard(asked).await;
        let (done, request) = self.operator.act(discard)?;
        Ok(self.told(&done, &request))
    }

    fn told(&self, done: &DiscardBatchReply, request: &RequestId) -> Answer {
        let (batch, discarded, kept) = (self.batch, done.discarded, done.refused.len());
        let refused = |copy: &RefusedCopy| json!({ "copy_id": copy.copy_id, "code": copy.code });
        Answer::new(
            format!("{batch} is put aside, with {discarded} copies; {kept} stay (request {request})"),
            json!({
                "batch_id": batch.to_string(),
                "reason": self.reason.as_str(),
                "discarded": discarded,
                "refused": done.refused.iter().map(refused).collect::<Value>(),
                "request_id": request.as_str(),
            }),
        )
    }
}

fn listed(now: Timestamp, batches: &[SeenBatch]) -> Answer {
    let rows: Vec<_> = batches
        .iter()
        .map(|batch| {
            [
                batch.id.to_string(),
                batch.exam.to_string(),
                or_dash(batch.failure),
                batch.job.to_string(),
                ago(now, batch.created_at),
            ]
        })
        .collect();
    let heads = ["BATCH", "EXAM", "FAILURE", "JOB", "CAME"];
    Answer::list(heads, &rows, as_json(batches))
}

fn as_json(batches: &[SeenBatch]) -> Value {
    let batches = batches.iter().map(|batch| {
        json!({
            "batch": batch.id.to_string(),
            "exam": batch.exam.to_string(),
            "failure": batch.failure.map(FailureCode::as_str),
            "job": batch.job.to_string(),
            "created_at": batch.created_at,
        })
    });
    batches.collect()
}
