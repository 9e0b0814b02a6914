//! `korrigo locks`: who has which copy.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use contracts::grading::ForceReleaseLockRequest;
use contracts::grading::locks_client::LocksClient;
use domain::{CopyId, Reason, Timestamp};
use serde_json::Value;
use store::SeenLock;

use crate::Failure;
use crate::commands::cli::closed;
use crate::commands::database::AppDatabase;
use crate::commands::operator::AsOperator;
use crate::commands::show::{self, LIMIT, ago, when};
use crate::table::table;
use crate::terminal;

/// Arguments of `korrigo locks`.
#[derive(Debug, Args)]
pub struct Locks {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lists the locks, the oldest first.
    #[command(after_help = "Example: korrigo locks list --overdue")]
    List(List),
    /// Takes a copy from its corrector. What they had not saved stays in their draft.
    #[command(
        after_help = "Example: korrigo locks release 0198c5a0-0000-7000-8000-000000000001 --reason corrector_absent \\
  --operator head@school.example"
    )]
    Release(Release),
}

#[derive(Debug, Args)]
struct List {
    #[command(flatten)]
    database: AppDatabase,
    /// Only those that have ended by themselves and are still there.
    #[arg(long)]
    overdue: bool,
    /// One JSON array instead of a table.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Release {
    #[command(flatten)]
    operator: AsOperator,
    /// The copy.
    copy: CopyId,
    /// Why.
    #[arg(long, value_parser = closed(Reason::ALL))]
    reason: Reason,
}

impl Locks {
    /// Does it.
    pub fn run(self) -> Result<ExitCode, Failure> {
        match self.command {
            Command::List(command) => command.run()?,
            Command::Release(command) => command.run()?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

impl List {
    fn run(&self) -> Result<(), Failure> {
        let overdue = self.overdue;
        let (now, locks) = self.database.look("list_locks", move |tx| {
            Ok((tx.now()?, tx.diagnosis().locks(overdue, LIMIT)?))
        })?;
        terminal::result(if self.json {
            locks.iter().map(show::lock).collect::<Value>().to_string()
        } else {
            as_table(now, &locks)
        });
        Ok(())
    }
}

impl Release {
    fn run(&self) -> Result<(), Failure> {
        let asked = ForceReleaseLockRequest {
            copy_id: self.copy.to_string(),
            reason: self.reason.to_string(),
        };
        let release = async |line| LocksClient::new(line).force_release(asked).await;
        let (copy, request) = self.operator.act(release)?;
        terminal::result(format_args!("{} is {} (request {request})", copy.id, copy.status));
        Ok(())
    }
}

fn as_table(now: Timestamp, locks: &[SeenLock]) -> String {
    let rows: Vec<_> = locks
        .iter()
        .map(|lock| {
            [
                lock.copy.to_string(),
                lock.owner.to_string(),
                lock.fence.to_string(),
                ago(now, lock.acquired_at),
                when(now, lock.expires_at),
            ]
        })
        .collect();
    table(["COPY", "OWNER", "FENCE", "TAKEN", "ENDS"], &rows)
}
