//! `korrigo blobs`: the files of scans and pages.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use blobs::{Blobs as Store, SweepRules, Swept, clock, sweep};
use clap::{Args, Subcommand};
use domain::Digest;
use domain::audit::Deed;
use serde_json::{Value, json};
use service::config::duration;
use store::Database;

use crate::commands::cli::block_on;
use crate::commands::database::AppDatabase;
use crate::operator::recorded;
use crate::{Answer, Failure, terminal};

/// Arguments of `korrigo blobs`.
#[derive(Debug, Args)]
pub struct Blobs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Deletes the files that nothing refers to. The worker does the same from time to time.
    ///
    /// It stops after 10,000 of them, in case that the references are wrong, and says whether there are more.
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
}

impl Blobs {
    /// Does it.
    pub fn run(self) -> Result<Answer, Failure> {
        let Command::Sweep(command) = self.command;
        let swept = block_on(command.run())?;
        Ok(Answer::new(command.as_sentence(swept), as_json(swept)))
    }
}

/// Where the blobs are, as the settings say together.
pub(super) fn place(settings: &blobs::Settings) -> Result<blobs::Config, Failure> {
    let place = settings.config();
    place.map_err(|unclear| Failure::new(unclear, "give all settings of the bucket, or none").called("usage"))
}

impl Sweep {
    async fn run(&self) -> Result<Swept, Failure> {
        let failed = |error| {
            Failure::new(
                error,
                "check who owns the directory of the blobs and whether its disk is full, or whether the bucket can be reached",
            )
            .called("blob")
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
        let asked = AtomicUsize::new(0);
        let unreferenced = |digests: Vec<Digest>| {
            let asked = asked.fetch_add(digests.len(), Ordering::Relaxed) + digests.len();
            terminal::count(format_args!("{asked} old files looked up in the tables"));
            unreferenced(database.clone(), digests)
        };
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
            more,
        } = swept;
        let rest = if more {
            "\nthere are more, and it stopped in case that the references are wrong: if they are not, run it again"
        } else {
            ""
        };
        format!(
            "{examined} files examined, {deleted} ({bytes} bytes) and {stale_uploads} broken uploads {verb}, \
             {restored} put back{rest}"
        )
    }
}

async fn unreferenced(database: Database, digests: Vec<Digest>) -> Result<Vec<Digest>, store::Error> {
    database
        .transaction("sweep_blobs", move |tx| tx.blobs().unreferenced(&digests))
        .await
}

fn as_json(swept: Swept) -> Value {
    let Swept {
        examined,
        deleted,
        bytes,
        restored,
        stale_uploads,
        more,
    } = swept;
    json!({
        "examined": examined,
        "deleted": deleted,
        "bytes": bytes,
        "restored": restored,
        "stale_uploads": stale_uploads,
        "more": more,
    })
}
