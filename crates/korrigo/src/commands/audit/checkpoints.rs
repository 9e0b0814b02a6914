//! The options of commands that need what is kept outside the database.

use std::fs::File;
use std::io::{self, BufReader};
use std::path::{Path, PathBuf};

use clap::Args;
use domain::audit::{Finding, Notes, Root, VerifyingKey, checkpoint_roots, open_checkpoint};

use crate::Failure;
use crate::audit::read_key;
use crate::backup::Outside;
use crate::commands::show::NOT_FOUND;

/// Checkpoints, and the key that they are signed with.
#[derive(Debug, Args)]
pub(super) struct Checkpoints {
    /// The file of signed checkpoints.
    #[arg(long, env = "KORRIGO_AUDIT_CHECKPOINTS")]
    checkpoints: PathBuf,
    /// The file with the public key that they are signed with.
    #[arg(long, env = "KORRIGO_AUDIT_PUBLIC_KEY")]
    key: PathBuf,
}

/// The public key of a file.
pub(super) fn public_key(path: &Path) -> Result<VerifyingKey, Failure> {
    let advice = "name the file with the public key, which `korrigo audit key new` made";
    read_key(path).map_err(|error| Failure::new(error, advice).called("file"))
}

/// The checkpoints of a file, for who has to write to it as well.
pub(in crate::commands) fn outside(file: &Path, key: &Path) -> Result<Outside, Failure> {
    Ok(Outside {
        key: public_key(key)?,
        file: file.to_owned(),
    })
}

/// The trees that the checkpoints of a file vouch for. One that is `known` to have been there and is not vouches for
/// none, as it does for the service.
pub(super) fn roots(
    path: &Path,
    key: &VerifyingKey,
    known: bool,
) -> Result<Result<Vec<Root>, Finding>, Failure> {
    match open(path) {
        Err(error) if known && error.kind() == io::ErrorKind::NotFound => Ok(Ok(Vec::new())),
        opened => opened
            .and_then(|file| checkpoint_roots(file, key))
            .map_err(unreadable),
    }
}

impl Checkpoints {
    /// The last checkpoint and what it vouches for.
    pub(super) fn last(&self) -> Result<(VerifyingKey, String, Root), Failure> {
        let key = public_key(&self.key)?;
        let mut last = None;
        for note in Notes::new(open(&self.checkpoints).map_err(unreadable)?) {
            last = Some(note.map_err(unreadable)?);
        }
        let note = last.ok_or_else(|| {
            Failure::new(
                "there is no checkpoint yet",
                "wait a minute, and look for audit.checkpoint_failed in the log of the grading service",
            )
            .called(NOT_FOUND)
        })?;
        let root = open_checkpoint(&note, &key).map_err(|error| {
            Failure::new(
                error,
                "run `korrigo audit verify` with the same checkpoints and key",
            )
            .called("bad_signature")
        })?;
        Ok((key, note, root))
    }
}

/// Opens a file of checkpoints. The service may add one at the moment, and half of it would look altered; a copy of the
/// file may be where there are no locks.
fn open(path: &Path) -> io::Result<BufReader<File>> {
    let file = File::open(path)?;
    drop(file.lock_shared());
    Ok(BufReader::new(file))
}

fn unreadable(error: io::Error) -> Failure {
    Failure::new(error, "check the path of the checkpoints, and who may read them").called("file")
}
