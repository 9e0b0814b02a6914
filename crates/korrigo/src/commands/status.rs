//! `korrigo status`: how everything is, at a glance, and what somebody has to look at.

use std::process::ExitCode;
use std::time::Duration;

use broker::SeenQueue;
use clap::Args;
use domain::Status as CopyStatus;
use serde_json::{Value, json};
use service::config::http_url;
use store::{Backlog, Held};

use crate::Failure;
use crate::commands::cli::block_on;
use crate::commands::database::AppDatabase;
use crate::commands::queues::MaybeBroker;
use crate::commands::show::{self, LIMIT, TROUBLE};
use crate::diagnosis::{Finding, is_over};
use crate::terminal;

/// How long a service may take to say how it is.
const PATIENCE: Duration = Duration::from_secs(2);

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
    services: Vec<(String, String)>,
}

/// What the database knows.
struct Tables {
    copies: Vec<(CopyStatus, i64)>,
    stuck: i64,
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
                services: self.services().await,
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
                outbox: tx.outbox().unsent_stats()?,
                locks: tx.locks().stats()?,
            })
        };
        self.database.open().await?.transaction("status", look).await
    }

    /// What each service says of itself.
    async fn services(&self) -> Vec<(String, String)> {
        let client = reqwest::Client::builder().timeout(PATIENCE).build();
        let mut services = Vec::new();
        for url in &self.admin_urls {
            let said = match &client {
                Ok(client) => asked(client, url).await,
                Err(_) => None,
            };
            services.push((url.clone(), said.unwrap_or_else(|| "unreachable".to_owned())));
        }
        services
    }
}

/// The word for how ready a service is; `None` if it does not say.
async fn asked(client: &reqwest::Client, url: &str) -> Option<String> {
    let answer = client
        .get(format!("{}/readyz", url.trim_end_matches('/')))
        .send()
        .await
        .ok()?;
    let body: Value = answer.json().await.ok()?;
    Some(body.get("status")?.as_str()?.to_owned())
}

impl Seen {
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
        findings.extend(self.services.iter().filter_map(|(_, said)| of_service(said)));
        let mut told = Vec::new();
        for finding in findings {
            if !told.contains(&finding) {
                told.push(finding);
            }
        }
        told
    }

    fn as_text(&self, findings: &[Finding]) -> String {
        let mut lines = match &self.database {
            Ok(tables) => tables.as_lines(),
            Err(error) => vec![format!("database  {error}")],
        };
        match &self.queues {
            Some(Ok(queues)) => {
                let queues = queues.iter();
                lines.extend(queues.map(|queue| format!("queue     {}", show::queue_line(queue))));
            }
            Some(Err(error)) => lines.push(format!("broker    {error}")),
            None => {}
        }
        let services = self.services.iter();
        lines.extend(services.map(|(url, said)| format!("service   {url}: {said}")));
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
        let findings = findings.iter();
        json!({
            "database": database,
            "queues": queues,
            "services": services
                .map(|(url, said)| json!({ "url": url, "status": said }))
                .collect::<Value>(),
            "findings": findings
                .map(|finding| json!({ "code": finding.as_str(), "advice": finding.advice() }))
                .collect::<Value>(),
        })
        .to_string()
    }
}

impl Tables {
    fn findings(&self) -> Vec<Finding> {
        let found = [
            (self.outbox.oldest > Duration::from_mins(1), Finding::OutboxStuck),
            (self.over > 0, Finding::LocksOverdue),
            (self.stuck > 0, Finding::CopiesStuck),
        ];
        let found = found.into_iter().filter(|(is, _)| *is);
        found.map(|(_, finding)| finding).collect()
    }

    fn as_lines(&self) -> Vec<String> {
        let copies = self.copies.iter();
        let copies: Vec<_> = copies
            .map(|(status, count)| format!("{status} {count}"))
            .collect();
        vec![
            "database  answers, with the schema of this version".to_owned(),
            format!("copies    {}; {} stuck", copies.join(", "), self.stuck),
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
        ]
    }

    fn as_json(&self) -> Value {
        let copies = self.copies.iter();
        json!({
            "copies": copies
                .map(|(status, count)| (status.to_string(), Value::from(*count)))
                .collect::<serde_json::Map<_, _>>(),
            "stuck": self.stuck,
            "outbox": { "unsent": self.outbox.unsent, "oldest_seconds": self.outbox.oldest.as_secs() },
            "locks": { "overdue": self.over, "oldest_seconds": self.locks.oldest.as_secs() },
        })
    }
}

fn of_service(said: &str) -> Option<Finding> {
    match said {
        "ok" => None,
        "degraded" => Some(Finding::ServiceDegraded),
        _ => Some(Finding::ServiceNotReady),
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
