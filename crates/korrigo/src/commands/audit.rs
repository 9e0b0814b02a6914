//! `korrigo audit`: whether the audit trail is what was written, and how others can see that for themselves.

mod begin_anew;
mod checkpoints;
mod consistency;
mod export;
mod key;
mod prove;
mod reconcile;
mod verify;

use clap::{Args, Subcommand};

use crate::{Answer, Failure};
pub(super) use checkpoints::outside;

/// Arguments of `korrigo audit`.
#[derive(Debug, Args)]
pub struct Audit {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Verifies every chain, every leaf of the tree, and the tree against the signed checkpoints.
    ///
    /// Ends with 0 if everything is what was written, with 1 at the first that is not, and with 2 if it could not be
    /// verified.
    #[command(after_help = "Examples:
  korrigo audit verify --checkpoints /mnt/audit/checkpoints --key audit-key.pub
  korrigo audit verify --copy 0198c5a0-0000-7000-8000-000000000001
  korrigo audit verify --export trail.ndjson --key audit-key.pub")]
    Verify(verify::Verify),
    /// Writes the trail, as far as the last checkpoint vouches for it, to a file that anybody can verify.
    ///
    /// That it was exported is recorded in the trail of every copy first. The same checkpoint gives the same bytes.
    #[command(
        after_help = "Example: korrigo audit export --to trail.ndjson --operator head@school.example \\
  --checkpoints /mnt/audit/checkpoints --key audit-key.pub"
    )]
    Export(export::Export),
    /// Proves that an event is in the tree that the last checkpoint vouches for. One JSON object.
    #[command(
        after_help = "Example: korrigo audit prove 0198c5a0-0000-7000-8000-000000000001 3 \\
  --checkpoints /mnt/audit/checkpoints --key audit-key.pub"
    )]
    Prove(prove::Prove),
    /// Proves that the tree of NEW events begins with the tree of OLD events. One JSON object.
    #[command(after_help = "Example: korrigo audit consistency 1000 2000")]
    Consistency(consistency::Consistency),
    /// Counts what in the tables does not agree with the trail. Ends with 1 if there is any.
    #[command(after_help = "Example: korrigo audit reconcile --json")]
    Reconcile(reconcile::Reconcile),
    /// Has checkpoints begin anew where those of before are lost for good, or their key was changed.
    ///
    /// As long as the database knows of a checkpoint that the file does not have, the service signs nothing. From then on
    /// nobody vouches that what was before is what was written, but those who have a copy of the file.
    #[command(after_help = "Example: korrigo audit begin-anew --size 1520 --operator head@school.example")]
    BeginAnew(begin_anew::BeginAnew),
    /// The key that signs checkpoints.
    Key(key::Key),
}

impl Audit {
    /// Does it.
    pub fn run(self) -> Result<Answer, Failure> {
        match self.command {
            Command::Verify(command) => command.run(),
            Command::Export(command) => command.run(),
            Command::Prove(command) => command.run(),
            Command::Consistency(command) => command.run(),
            Command::Reconcile(command) => command.run(),
            Command::BeginAnew(command) => command.run(),
            Command::Key(command) => command.run(),
        }
    }
}
