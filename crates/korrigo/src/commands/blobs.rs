//! `korrigo blobs`: the files of scans and pages.

use std::process::ExitCode;
use std::time::Duration;

use blobs::{Blobs as Store, SweepRules, Swept, clock, sweep};
use clap::{Args, Subcommand};
use domain::Digest;
use domain::audit::Deed;
use serde_json::json;
use service::config::duration;
use store::Database;

use crate::Failure;
use crate::commands::cli::block_on;
use crate::commands::database::AppDatabase;
use crate::operator::recorded;
use crate::terminal;

/// Arguments of `korrigo blobs`.
#[derive(Debug, Args)]
pub struct Blobs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Deletes the files that nothing refers to. The worker does the same from time to time.
    #[command(after_help = "Examples:
  korrigo blobs sweep --dry-run --min-age 1h
  korrigo blobs sweep --operator head@school.example")]
    Sweep(Sweep),
}

#[derive(Debug, Args)]
struct Sweep {
    #[command(flatten)]
    database: AppDatabase,
    #[command(flatten)]
    settings: blobs::Settings,
    /// Who does it: the login of an administrator. The trail says so.
    #[arg(long, env = "KORRIGO_OPERATOR", required_unless_present = "dry_run")]
    operator: Option<String>,
    /// Only say what would be deleted.
    #[arg(long)]
    dry_run: bool,
    /// How old a file must be. Younger ones may be about to be referred to.
    #[arg(long, default_value = "24h", value_parser = duration)]
    min_age: Duration,
    /// One JSON object instead of a sentence.
    #[arg(long)]
    json: bool,
}

impl Blobs {
    /// Does it.
    pub fn run(self) -> Result<ExitCode, Failure> {
        let Command::Sweep(command) = self.command;
        let swept = block_on(command.run())?;
        terminal::result(if command.json {
            as_json(swept)
        } else {
            command.as_sentence(swept)
        });
        Ok(ExitCode::SUCCESS)
    }
}

/// Where the blobs are, as the settings say together.
pub(super) fn place(settings: &blobs::Settings) -> Result<blobs::Config, Failure> {
    let place = settings.config();
    place.map_err(|unclear| Failure::new(unclear, "give all settings of the bucket, or none"))
}

impl Sweep {
    async fn run(&self) -> Result<Swept, Failure> {
        let failed = |error| {
            Failure::new(
                error,
                "check who owns the directory of the blobs and whether its disk is full, or whether the bucket can be reached",
            )
        };
        let place = place(&self.settings)?;
        let store = Store::open(&place).map_err(failed)?;
        let database = self.database.connect().await?;
        // Before it is done: files are in no transaction.
        let operator = self.operator.as_ref().filter(|_login| !self.dry_run);
        if let Some(login) = operator {
            recorded(&database, login, Deed::SweepBlobs).await?;
        }
        let rules = SweepRules {
            min_age: self.min_age,
            dry_run: self.dry_run,
            ..SweepRules::default()
        };
        let unreferenced = |digests| unreferenced(database.clone(), digests);
        sweep(&store, rules, clock(), unreferenced).await.map_err(failed)
    }

    fn as_sentence(&self, swept: Swept) -> String {
        let verb = if self.dry_run {
            "would be deleted"
        } else {
            "deleted"
        };
        let Swept {
            examined,
            deleted,
            bytes,
            restored,
            stale_uploads,
        } = swept;
        format!(
            "{examined} files examined, {deleted} ({bytes} bytes) and {stale_uploads} broken uploads {verb}, \
             {restored} put back"
        )
    }
}

async fn unreferenced(database: Database, digests: Vec<Digest>) -> Result<Vec<Digest>, store::Error> {
    database
        .transaction("sweep_blobs", move |tx| tx.blobs().unreferenced(&digests))
        .await
}

fn as_json(swept: Swept) -> String {
    let Swept {
        examined,
        deleted,
        bytes,
        restored,
        stale_uploads,
    } = swept;
    json!({
        "examined": examined,
        "deleted": deleted,
        "bytes": bytes,
        "restored": restored,
        "stale_uploads": stale_uploads,
    })
    .to_string()
}
