//! `korrigo locks`: who has which copy.

use clap::{Args, Subcommand};
use contracts::grading::ForceReleaseLockRequest;
use contracts::grading::locks_client::LocksClient;
use domain::{CopyId, Reason, Timestamp};
use serde_json::json;
use store::SeenLock;

use crate::commands::cli::closed;
use crate::commands::database::AppDatabase;
use crate::commands::operator::AsOperator;
use crate::commands::show::{self, LIMIT, ago, when};
use crate::{Answer, Failure};

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
    pub fn run(self) -> Result<Answer, Failure> {
        match self.command {
            Command::List(command) => command.run(),
            Command::Release(command) => command.run(),
        }
    }
}

impl List {
    fn run(&self) -> Result<Answer, Failure> {
        let overdue = self.overdue;
        let (now, locks) = self.database.look("list_locks", move |tx| {
            Ok((tx.now()?, tx.diagnosis().locks(overdue, LIMIT)?))
        })?;
        Ok(listed(now, &locks))
    }
}

impl Release {
    fn run(&self) -> Result<Answer, Failure> {
        let asked = ForceReleaseLockRequest {
            copy_id: self.copy.to_string(),
            reason: self.reason.to_string(),
        };
        let release = async |line| LocksClient::new(line).force_release(asked).await;
        let (copy, request) = self.operator.act(release)?;
        Ok(Answer::new(
            format!("{} is {} (request {request})", copy.id, copy.status),
            json!({
                "copy_id": copy.id,
                "status": copy.status,
                "reason": self.reason.as_str(),
                "request_id": request.as_str(),
            }),
        ))
    }
}

fn listed(now: Timestamp, locks: &[SeenLock]) -> Answer {
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
    let heads = ["COPY", "OWNER", "FENCE", "TAKEN", "ENDS"];
    Answer::list(heads, &rows, locks.iter().map(show::lock).collect())
}
