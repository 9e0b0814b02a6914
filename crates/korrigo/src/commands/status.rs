//! `korrigo status`: how everything is, at a glance, and what somebody has to look at.

mod services;
mod tables;

use broker::SeenQueue;
use clap::Args;
use serde_json::{Value, json};
use services::{Address, Said};
use store::Error;
use tables::Tables;

use crate::commands::cli::block_on;
use crate::commands::database::AppDatabase;
use crate::commands::queues::MaybeBroker;
use crate::commands::show::{self, NOT_SEEN, TROUBLE, Waiting};
use crate::commands::sight::{Deadline, Sight, Within};
use crate::diagnosis::Finding;
use crate::{Answer, Failure};

/// The verdict where there is nothing to be found.
const WELL: &str = "well";
/// The same where not all was looked at.
const WELL_AS_FAR_AS_SEEN: &str = "well_as_far_as_seen";

/// Arguments of `korrigo status`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  korrigo status
  korrigo status --json --admin-urls gateway=http://127.0.0.1:9101,grading=http://127.0.0.1:9102,worker=http://127.0.0.1:9103")]
pub struct Status {
    #[command(flatten)]
    database: AppDatabase,
    #[command(flatten)]
    broker: MaybeBroker,
    /// The admin listeners of the services, separated by commas, each with `gateway=`, `grading=` or `worker=` before it.
    /// Without them the services are not asked.
    #[arg(long, env = "KORRIGO_ADMIN_URLS", value_delimiter = ',', value_parser = services::address)]
    admin_urls: Vec<Address>,
    #[command(flatten)]
    waiting: Waiting,
    #[command(flatten)]
    within: Within,
}

/// How everything is.
struct Seen {
    database: Sight<Tables>,
    /// Whether the database has room for what is written.
    room: Result<(), Error>,
    queues: Option<Result<Vec<SeenQueue>, broker::Error>>,
    services: Vec<Said>,
}

impl Status {
    /// Does it.
    pub fn run(&self) -> Result<Answer, Failure> {
        let deadline = self.within.deadline();
        let seen = block_on(async {
            let ((database, room), queues, services) = tokio::join!(
                self.database(deadline),
                deadline.queues(&self.broker),
                services::ask(&self.admin_urls, deadline),
            );
            Ok(Seen {
                database,
                room,
                queues,
                services,
            })
        })?;
        let (findings, unseen) = (seen.findings(), seen.unseen());
        // The one of several findings that causes the others, as far as can be told.
        let (verdict, end) = match (findings.first(), unseen.first()) {
            (Some(finding), _) => (finding.as_str(), Some(TROUBLE)),
            (None, Some(_)) => (WELL_AS_FAR_AS_SEEN, Some(NOT_SEEN)),
            (None, None) => (WELL, None),
        };
        let words = seen.as_text(verdict, &findings, &unseen);
        let answer = Answer::new(words, seen.as_json(verdict, &findings, &unseen));
        Ok(match end {
            Some(code) => answer.ending(code),
            None => answer,
        })
    }

    async fn database(&self, deadline: Deadline) -> (Sight<Tables>, Result<(), Error>) {
        let database = self.database.in_a_hurry(self.within);
        let waiting = self.waiting.delta();
        let look = move |tx: &mut store::Tx<'_>| tables::look(tx, waiting);
        let sight = deadline.tables(&database, "status", look).await;
        let room = match &sight.tables {
            Ok(_) => deadline.database(database.try_room()).await,
            // Nobody knows. What is the matter is said already.
            Err(_) => Ok(()),
        };
        (sight, room)
    }
}

impl Seen {
    /// What was found, causes first.
    fn findings(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        findings.extend(self.database.finding());
        if let Ok(tables) = &self.database.tables {
            findings.extend(tables.findings());
        }
        if let Err(error) = &self.room {
            findings.push(Finding::of_database(error));
        }
        match &self.queues {
            Some(Ok(queues)) => findings.extend(queues.iter().filter_map(of_queue)),
            Some(Err(error)) => findings.push(Finding::of_broker(error)),
            None => {}
        }
        findings.extend(self.services.iter().flat_map(Said::findings));
        findings.sort_unstable();
        findings.dedup();
        findings
    }

    /// What was not looked at, since nobody said where it is.
    fn unseen(&self) -> Vec<&'static str> {
        let unseen = [
            (
                self.queues.is_none(),
                "queues not looked at: set KORRIGO_AMQP_URL",
            ),
            (
                self.services.is_empty(),
                "services not asked: set KORRIGO_ADMIN_URLS",
            ),
        ];
        let unseen = unseen.into_iter().filter(|(is, _)| *is);
        unseen.map(|(_, what)| what).collect()
    }

    fn as_text(&self, verdict: &str, findings: &[Finding], unseen: &[&str]) -> String {
        let mut lines = vec![format!("verdict   {verdict}")];
        match &self.database.tables {
            Ok(tables) => lines.extend(tables.as_lines()),
            Err(error) => lines.push(format!("database  {error}")),
        }
        lines.extend(self.room.as_ref().err().map(|error| format!("room      {error}")));
        let blockers = self.database.blockers.iter();
        lines.extend(blockers.map(show::blocker_line));
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
        lines.extend(unseen.iter().map(|what| format!("unseen    {what}")));
        if findings.is_empty() {
            lines.push("findings  none".to_owned());
        }
        let findings = findings.iter();
        lines.extend(findings.map(|finding| format!("finding   {}: {}", finding.as_str(), finding.advice())));
        lines.join("\n")
    }

    fn as_json(&self, verdict: &str, findings: &[Finding], unseen: &[&str]) -> Value {
        let database = match &self.database.tables {
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
            "verdict": verdict,
            "database": database,
            "room": self.room.as_ref().err().map(ToString::to_string),
            "blockers": self.database.blockers.iter().map(show::blocker).collect::<Value>(),
            "queues": queues,
            "services": services.map(Said::as_json).collect::<Value>(),
            "unseen": unseen,
            "findings": found
                .map(|finding| json!({ "code": finding.as_str(), "advice": finding.advice() }))
                .collect::<Value>(),
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
