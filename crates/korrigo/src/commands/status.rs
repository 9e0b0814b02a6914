//! `korrigo status`: how everything is, at a glance, and what somebody has to look at.

mod services;

use std::process::ExitCode;
use std::time::Duration;

use broker::SeenQueue;
use clap::Args;
use domain::Status as CopyStatus;
use serde_json::{Value, json};
use service::config::http_url;
use services::Said;
use store::{Backlog, Blocker, Held, Stuck};

use crate::Failure;
use crate::commands::cli::block_on;
use crate::commands::database::AppDatabase;
use crate::commands::queues::MaybeBroker;
use crate::commands::show::{self, LIMIT, TROUBLE};
use crate::diagnosis::{Finding, is_over};
use crate::terminal;

/// The verdict where there is nothing to be found.
const WELL: &str = "well";

/// Arguments of `korrigo status`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  korrigo status
  korrigo status --admin-urls http://127.0.0.1:9101,http://127.0.0.1:9102,http://127.0.0.1:9103 --json")]
pub struct Status {
    #[command(flatten)]
    database: AppDatabase,
    #[command(flatten)]
    broker: MaybeBroker,
    /// The admin listeners of the services, separated by commas. Without them the services are not asked.
    #[arg(long, env = "KORRIGO_ADMIN_URLS", value_delimiter = ',', value_parser = http_url)]
    admin_urls: Vec<String>,
    /// One JSON object instead of sentences.
    #[arg(long)]
    json: bool,
}

/// How everything is.
struct Seen {
    database: Result<Tables, store::Error>,
    queues: Option<Result<Vec<SeenQueue>, broker::Error>>,
    services: Vec<Said>,
}

/// What the database knows.
struct Tables {
    copies: Vec<(CopyStatus, i64)>,
    stuck: Stuck,
    blockers: Vec<Blocker>,
    outbox: Backlog,
    locks: Held,
    /// How many locks should be gone by now.
    over: usize,
}

impl Status {
    /// Does it.
    pub fn run(&self) -> Result<ExitCode, Failure> {
        let seen = block_on(async {
            Ok(Seen {
                database: self.tables().await,
                queues: self.broker.look().await,
                services: services::ask(&self.admin_urls).await,
            })
        })?;
        let findings = seen.findings();
        terminal::result(if self.json {
            seen.as_json(&findings)
        } else {
            seen.as_text(&findings)
        });
        Ok(if findings.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::from(TROUBLE)
        })
    }

    async fn tables(&self) -> Result<Tables, store::Error> {
        let look = |tx: &mut store::Tx<'_>| {
            let now = tx.now()?;
            let locks = tx.diagnosis().locks(true, LIMIT)?;
            Ok(Tables {
                over: locks.iter().filter(|lock| is_over(lock, now)).count(),
                copies: tx.copies().count_by_status()?,
                stuck: tx.diagnosis().count_stuck()?,
                blockers: tx.blockers().list()?,
                outbox: tx.outbox().unsent_stats()?,
                locks: tx.locks().stats()?,
            })
        };
        self.database.open().await?.transaction("status", look).await
    }
}

impl Seen {
    /// What was found, causes first.
    fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        match &self.database {
            Ok(tables) => findings.extend(tables.findings()),
            Err(store::Error::SchemaBehind | store::Error::SchemaUnknown) => {
                findings.push(Finding::SchemaMismatch);
            }
            Err(_) => findings.push(Finding::DatabaseDown),
        }
        match &self.queues {
            Some(Ok(queues)) => findings.extend(queues.iter().filter_map(of_queue)),
            Some(Err(_)) => findings.push(Finding::BrokerDown),
            None => {}
        }
        findings.extend(self.services.iter().flat_map(Said::findings));
        findings.sort_unstable();
        findings.dedup();
        findings
    }

    fn as_text(&self, findings: &[Finding]) -> String {
        let mut lines = vec![format!("verdict   {}", verdict(findings))];
        match &self.database {
            Ok(tables) => lines.extend(tables.as_lines()),
            Err(error) => lines.push(format!("database  {error}")),
        }
        match &self.queues {
            Some(Ok(queues)) => {
                let queues = queues.iter();
                lines.extend(queues.map(|queue| format!("queue     {}", show::queue_line(queue))));
            }
            Some(Err(error)) => lines.push(format!("broker    {error}")),
            None => {}
        }
        let services = self.services.iter();
        lines.extend(services.map(|said| format!("service   {said}")));
        if findings.is_empty() {
            lines.push("findings  none".to_owned());
        }
        let findings = findings.iter();
        lines.extend(findings.map(|finding| format!("finding   {}: {}", finding.as_str(), finding.advice())));
        lines.join("\n")
    }

    fn as_json(&self, findings: &[Finding]) -> String {
        let database = match &self.database {
            Ok(tables) => tables.as_json(),
            Err(error) => json!({ "error": error.to_string() }),
        };
        let queues = self.queues.as_ref().map(|queues| match queues {
            Ok(queues) => queues.iter().map(show::queue).collect(),
            Err(error) => json!({ "error": error.to_string() }),
        });
        let services = self.services.iter();
        let found = findings.iter();
        json!({
            "verdict": verdict(findings),
            "database": database,
            "queues": queues,
            "services": services.map(Said::as_json).collect::<Value>(),
            "findings": found
                .map(|finding| json!({ "code": finding.as_str(), "advice": finding.advice() }))
                .collect::<Value>(),
        })
        .to_string()
    }
}

/// The one of several that causes the others, as far as can be told.
fn verdict(findings: &[Finding]) -> &'static str {
    findings.first().map_or(WELL, |finding| finding.as_str())
}

impl Tables {
    fn findings(&self) -> Vec<Finding> {
        let found = [
            (!self.blockers.is_empty(), Finding::TransactionsBlocked),
            (self.outbox.oldest > Duration::from_mins(1), Finding::OutboxStuck),
            (self.over > 0, Finding::LocksOverdue),
            (self.stuck.imports > 0, Finding::ImportsFailed),
            (self.stuck.finalizes > 0, Finding::FinalizesFailed),
        ];
        let found = found.into_iter().filter(|(is, _)| *is);
        found.map(|(_, finding)| finding).collect()
    }

    fn as_lines(&self) -> Vec<String> {
        let copies = self.copies.iter();
        let copies: Vec<_> = copies
            .map(|(status, count)| format!("{status} {count}"))
            .collect();
        let Stuck { imports, finalizes } = self.stuck;
        let mut lines = vec![
            "database  answers, with the schema of this version".to_owned(),
            format!(
                "copies    {}; {imports} not imported, {finalizes} not finalized",
                copies.join(", ")
            ),
            format!(
                "outbox    {} messages wait, the oldest has been due for {} s",
                self.outbox.unsent,
                self.outbox.oldest.as_secs()
            ),
            format!(
                "locks     the oldest is {} s old; {} should be gone",
                self.locks.oldest.as_secs(),
                self.over
            ),
        ];
        lines.extend(self.blockers.iter().map(show::blocker_line));
        lines
    }

    fn as_json(&self) -> Value {
        let copies = self.copies.iter();
        json!({
            "copies": copies
                .map(|(status, count)| (status.to_string(), Value::from(*count)))
                .collect::<serde_json::Map<_, _>>(),
            "stuck": { "imports": self.stuck.imports, "finalizes": self.stuck.finalizes },
            "blockers": self.blockers.iter().map(show::blocker).collect::<Value>(),
            "outbox": { "unsent": self.outbox.unsent, "oldest_seconds": self.outbox.oldest.as_secs() },
            "locks": { "overdue": self.over, "oldest_seconds": self.locks.oldest.as_secs() },
        })
    }
}

fn of_queue(queue: &SeenQueue) -> Option<Finding> {
    match queue.depth {
        None => Some(Finding::QueueMissing),
        Some(depth) if queue.dead && depth.messages > 0 => Some(Finding::DeadLetters),
        Some(depth) if !queue.dead && depth.consumers == 0 => Some(Finding::NoWorker),
        Some(_) => None,
    }
}
