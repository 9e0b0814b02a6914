//! `korrigo backup`: the database and the files, as they were at one moment.

use std::path::PathBuf;

use blobs::Blobs;
use clap::{Args, Subcommand};
use domain::Digest;
use domain::secret::Secret;
use serde_json::json;
use service::config::secret;

use crate::backup::{Error, Manifest, Sealed, Source, Tools, take, verify};
use crate::commands::audit::outside;
use crate::commands::blobs::place;
use crate::commands::cli::block_on;
use crate::stop::Stop;
use crate::{Answer, Failure, terminal};

/// How it ends when nothing could be read.
const NOT_VERIFIED: u8 = 2;

/// Arguments of `korrigo backup`.
#[derive(Debug, Args)]
pub struct Backup {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Takes a backup into a new directory, while everybody works.
    ///
    /// It has everything that the database has: keep it as safe. The digest that is printed tells it from any other; keep
    /// that elsewhere. One that fails or is interrupted leaves nothing.
    #[command(
        after_help = "Example: korrigo backup take /mnt/backups/monday --blobs-dir /var/lib/korrigo/blobs \\
  --checkpoints /mnt/audit/checkpoints --key audit-key.pub"
    )]
    Take(Take),
    /// Reads a backup to its last bit, and compares it with its manifest.
    ///
    /// Ends with 0 if it is what was written, with 1 if it is not, and with 2 if it could not be read.
    #[command(after_help = "Example: korrigo backup verify /mnt/backups/monday")]
    Verify(Verify),
}

/// The database, as whoever takes it away or brings it back.
#[derive(Debug, Args)]
pub(super) struct AsOwner {
    /// The database, as the role `korrigo_migrate`.
    #[arg(long = "migrate-url", env = "KORRIGO_MIGRATE_URL", hide_env_values = true, value_parser = secret)]
    pub(super) url: Secret,
    /// The directory of PostgreSQL's `pg_dump` and `pg_restore`, if they are not where they usually are.
    #[arg(long, env = "KORRIGO_POSTGRES_BIN")]
    postgres_bin: Option<PathBuf>,
}

/// The checkpoints, where the trail has any.
#[derive(Debug, Args)]
pub(super) struct MaybeCheckpoints {
    /// The file of signed checkpoints.
    #[arg(long, env = "KORRIGO_AUDIT_CHECKPOINTS", requires = "key")]
    checkpoints: Option<PathBuf>,
    /// The file with the public key that they are signed with.
    #[arg(long, env = "KORRIGO_AUDIT_PUBLIC_KEY")]
    key: Option<PathBuf>,
}

#[derive(Debug, Args)]
struct Take {
    #[command(flatten)]
    database: AsOwner,
    #[command(flatten)]
    checkpoints: MaybeCheckpoints,
    #[command(flatten)]
    settings: blobs::Settings,
    /// Compares nothing with the checkpoints, also if they are named: to keep as evidence what does not fit them.
    #[arg(long)]
    without_checkpoints: bool,
    /// The directory of the backup, which must be new or empty.
    directory: PathBuf,
}

#[derive(Debug, Args)]
struct Verify {
    /// The digest that was printed when it was taken.
    #[arg(long)]
    digest: Option<Digest>,
    /// The directory of the backup.
    directory: PathBuf,
}

impl Backup {
    /// Does it.
    pub fn run(self) -> Result<Answer, Failure> {
        match self.command {
            Command::Take(command) => command.run(),
            Command::Verify(command) => command.run(),
        }
    }
}

impl AsOwner {
    pub(super) fn tools(&self) -> Tools {
        Tools {
            directory: self.postgres_bin.clone(),
        }
    }
}

impl MaybeCheckpoints {
    pub(super) fn read(&self) -> Result<Option<crate::backup::Outside>, Failure> {
        match (&self.checkpoints, &self.key) {
            (Some(file), Some(key)) => outside(file, key).map(Some),
            (_, _) => Ok(None),
        }
    }
}

impl Take {
    fn run(self) -> Result<Answer, Failure> {
        let tools = self.database.tools();
        let outside = if self.without_checkpoints {
            None
        } else {
            self.checkpoints.read()?
        };
        let place = place(&self.settings)?;
        let taken = block_on(async {
            let blobs = Blobs::open(&place).map_err(Error::from);
            let source = match blobs {
                Ok(blobs) => Source {
                    database: self.database.url,
                    blobs,
                    outside,
                },
                Err(error) => return Ok(Err(error)),
            };
            let mut stop = Stop::listen()?;
            let tell = |line: &str| terminal::step(line);
            Ok(take(&source, &tools, &self.directory, tell, stop.asked()).await)
        })?;
        Ok(told(&taken?, "taken"))
    }
}

impl Verify {
    fn run(&self) -> Result<Answer, Failure> {
        let verified =
            block_on(async { Ok(verify(&self.directory, self.digest, |line| terminal::step(line)).await) })?;
        match verified {
            Ok(sealed) => Ok(told(&sealed, "whole")),
            Err(error @ (Error::Damaged { .. } | Error::Another)) => Err(error.into()),
            Err(error) => Err(Failure::from(error).ending(NOT_VERIFIED)),
        }
    }
}

fn told(sealed: &Sealed, what: &str) -> Answer {
    let Sealed { manifest, digest } = sealed;
    let Manifest {
        taken_at,
        copies,
        events,
        tree,
        dump,
        blobs,
        blob_bytes,
        ..
    } = manifest;
    Answer::new(
        format!(
            "{what}: {copies} copies, {events} events, {blobs} files ({blob_bytes} bytes) as of {taken_at}\n\
             its digest, to be kept elsewhere: {digest}"
        ),
        json!({
            "digest": digest.to_string(),
            "taken_at": taken_at,
            "copies": copies,
            "events": events,
            "tree_size": tree.size,
            "dump_bytes": dump.bytes,
            "blobs": blobs,
            "blob_bytes": blob_bytes,
        }),
    )
}
