//! `korrigo audit key`: the keys of checkpoints.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use domain::audit::KeyName;
use serde_json::json;

use crate::audit::make_key;
use crate::{Answer, Failure};

#[derive(Debug, Args)]
pub(super) struct Key {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes a pair of keys and prints the public one.
    ///
    /// The private key is for the grading service alone. The public key, in the file FILE.pub, is for whoever verifies:
    /// give it to them now, on another way than the trail will take.
    #[command(after_help = "Example: korrigo audit key new --origin school.example/korrigo --to audit-key")]
    New {
        /// The name of the key, which all checkpoints carry: a name of yours, like a domain.
        #[arg(long)]
        origin: KeyName,
        /// The file for the private key, which must not be there yet.
        #[arg(long)]
        to: PathBuf,
    },
}

impl Key {
    pub(super) fn run(self) -> Result<Answer, Failure> {
        let Command::New { origin, to } = self.command;
        let public = make_key(&to, origin).map_err(|error| {
            Failure::new(
                error,
                "give a file that is not there yet, in a directory of yours",
            )
            .called("file")
        })?;
        let public = public.to_string();
        let said = json!({ "public_key": public, "private_key_file": to.display().to_string() });
        Ok(Answer::new(public, said))
    }
}
