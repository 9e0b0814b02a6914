//! `korrigo batches`: scans of many copies that could not be taken apart.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use contracts::grading::DiscardBatchRequest;
use contracts::grading::batches_client::BatchesClient;
use domain::{BatchId, FailureCode, Reason, Timestamp};
use serde_json::{Value, json};
use store::SeenBatch;

use crate::Failure;
use crate::commands::database::AppDatabase;
use crate::commands::operator::AsOperator;
use crate::commands::show::{LIMIT, ago, or_dash};
use crate::table::table;
use crate::terminal;

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
    /// One JSON array instead of a table.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Discard {
    #[command(flatten)]
    operator: AsOperator,
    /// The scan.
    batch: BatchId,
    /// Why, of the closed set of reasons.
    #[arg(long)]
    reason: Reason,
}

impl Batches {
    /// Does it.
    pub fn run(self) -> Result<ExitCode, Failure> {
        match self.command {
            Command::List(command) => command.run()?,
            Command::Discard(command) => command.run()?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    fn run(&self) -> Result<(), Failure> {
        let (now, batches) = self.database.look("list_unsplit", |tx| {
            Ok((tx.now()?, tx.diagnosis().unsplit(LIMIT)?))
        })?;
        terminal::result(if self.json {
            as_json(&batches)
        } else {
            as_table(now, &batches)
        });
        Ok(())
    }
}

impl Discard {
    fn run(&self) -> Result<(), Failure> {
        let asked = DiscardBatchRequest {
            id: self.batch.to_string(),
            reason: self.reason.to_string(),
        };
        let discard = async |line| BatchesClient::new(line).discard(asked).await;
        let (done, request) = self.operator.act(discard)?;
        let (batch, kept) = (self.batch, done.refused.len());
        terminal::result(format_args!(
            "{batch} is put aside, with {} copies; {kept} stay (request {request})",
            done.discarded
        ));
        Ok(())
    }
}

fn as_table(now: Timestamp, batches: &[SeenBatch]) -> String {
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
    table(["BATCH", "EXAM", "FAILURE", "JOB", "CAME"], &rows)
}

fn as_json(batches: &[SeenBatch]) -> String {
    let batches = batches.iter().map(|batch| {
        json!({
            "batch": batch.id.to_string(),
            "exam": batch.exam.to_string(),
            "failure": batch.failure.map(FailureCode::as_str),
            "job": batch.job.to_string(),
            "created_at": batch.created_at,
        })
    });
    batches.collect::<Value>().to_string()
}
