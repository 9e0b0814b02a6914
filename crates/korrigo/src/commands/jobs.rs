//! `korrigo jobs`: the work of the workers.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use domain::{JobState, Timestamp};
use serde_json::Value;
use store::{JobsOf, SeenJob};

use crate::Failure;
use crate::commands::database::AppDatabase;
use crate::commands::show::{self, LIMIT, ago, or_dash, when};
use crate::table::table;
use crate::terminal;

/// Arguments of `korrigo jobs`.
#[derive(Debug, Args)]
pub struct Jobs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists jobs, the youngest first.
    #[command(after_help = "Example: korrigo jobs list --state QUEUED")]
    List(List),
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    database: AppDatabase,
    /// Only those in this state: QUEUED, RUNNING, SUCCEEDED, FAILED or CANCELLED.
    #[arg(long)]
    state: Option<JobState>,
    /// How many at most.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=i64::from(LIMIT)))]
    limit: u16,
    /// One JSON array instead of a table.
    #[arg(long)]
    json: bool,
}

impl Jobs {
    /// Does it.
    pub fn run(self) -> Result<ExitCode, Failure> {
        let Command::List(command) = self.command;
        command.run()?;
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    fn run(&self) -> Result<(), Failure> {
        let (state, limit) = (self.state, self.limit);
        let (now, jobs) = self.database.look("list_jobs", move |tx| {
            Ok((tx.now()?, tx.diagnosis().jobs(&JobsOf::State(state), limit)?))
        })?;
        terminal::result(if self.json {
            jobs.iter().map(show::job).collect::<Value>().to_string()
        } else {
            as_table(now, &jobs)
        });
        Ok(())
    }
}

fn as_table(now: Timestamp, jobs: &[SeenJob]) -> String {
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
    table(heads, &rows)
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
