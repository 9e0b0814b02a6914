//! `korrigo audit`: whether the audit trail is what was written.

use std::process::ExitCode;

use clap::{Args, Subcommand};
use domain::CopyId;
use domain::audit::{Broken, Link, Recorded, verify};
use serde_json::json;
use store::{Database, Tx};

use crate::Failure;
use crate::commands::cli::block_on;
use crate::commands::database::AppDatabase;
use crate::terminal;

/// How many rows are read at a time.
const BATCH: u16 = 500;

/// Arguments of `korrigo audit`.
#[derive(Debug, Args)]
pub struct Audit {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Computes the hash chain of every copy again and compares. Ends with 1 at the first that is broken.
    #[command(after_help = "Example: korrigo audit verify --copy 0198c5a0-0000-7000-8000-000000000001")]
    Verify(Verify),
}

#[derive(Debug, Args)]
struct Verify {
    #[command(flatten)]
    database: AppDatabase,
    /// Only this copy.
    #[arg(long)]
    copy: Option<CopyId>,
    /// One JSON object instead of a sentence.
    #[arg(long)]
    json: bool,
}

/// What was found.
#[derive(Debug, Default)]
struct Verdict {
    copies: usize,
    events: usize,
    broken: Option<(CopyId, Broken)>,
}

impl Audit {
    /// Does it.
    pub fn run(self) -> Result<ExitCode, Failure> {
        let Command::Verify(command) = self.command;
        let verdict = block_on(async {
            let database = command.database.connect().await?;
            match command.copy {
                Some(copy) => one(&database, copy).await,
                None => all(&database).await,
            }
        })?;
        terminal::result(if command.json {
            verdict.as_json()
        } else {
            verdict.as_sentence()
        });
        Ok(if verdict.broken.is_none() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

impl Verdict {
    fn as_sentence(&self) -> String {
        let Self {
            copies,
            events,
            broken,
        } = self;
        match broken {
            None => format!("{events} events of {copies} copies are what was written"),
            Some((copy, broken)) => format!("copy {copy}: {broken}"),
        }
    }

    fn as_json(&self) -> String {
        let Self {
            copies,
            events,
            broken,
        } = self;
        let (copy, problem) = broken
            .map(|(copy, broken)| (copy.to_string(), broken.to_string()))
            .unzip();
        json!({ "intact": broken.is_none(), "copies": copies, "events": events, "copy_id": copy, "problem": problem })
            .to_string()
    }

    fn add(&mut self, copy: CopyId, events: &[Recorded], link: Link) {
        self.copies += 1;
        self.events += events.len();
        self.broken = verify(events, link).err().map(|broken| (copy, broken));
    }
}

async fn one(database: &Database, copy: CopyId) -> Result<Verdict, Failure> {
    let found = database
        .transaction("audit_link", move |tx| tx.events().link(copy))
        .await?;
    let link = found.ok_or_else(|| Failure::new("there is no such copy", "take the id from the API"))?;
    let events = database
        .transaction("audit_events", move |tx| trail(tx, copy, link))
        .await?;
    let mut verdict = Verdict::default();
    verdict.add(copy, &events, link);
    Ok(verdict)
}

async fn all(database: &Database) -> Result<Verdict, Failure> {
    let mut verdict = Verdict::default();
    let mut after = None;
    loop {
        let links = database
            .transaction("audit_links", move |tx| tx.events().links(after, BATCH))
            .await?;
        for (copy, link) in links.items {
            let events = database
                .transaction("audit_events", move |tx| trail(tx, copy, link))
                .await?;
            verdict.add(copy, &events, link);
            if verdict.broken.is_some() {
                return Ok(verdict);
            }
        }
        if links.next.is_none() {
            return Ok(verdict);
        }
        after = links.next;
    }
}

/// The events up to `link`. Work goes on meanwhile: what was added since belongs to a later link.
fn trail(tx: &mut Tx<'_>, copy: CopyId, link: Link) -> Result<Vec<Recorded>, store::Error> {
    let mut events = Vec::new();
    let mut after = None;
    loop {
        let page = tx.events().page(copy, after, BATCH)?;
        events.extend(page.items.into_iter().filter(|event| event.seq <= link.seq));
        after = page.next.filter(|next| *next < link.seq);
        if after.is_none() {
            return Ok(events);
        }
    }
}
