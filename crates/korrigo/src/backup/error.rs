//! Why there is no backup, or no way back.

use std::io;
use std::path::{Path, PathBuf};

use domain::audit::Finding;

/// Why a backup could not be taken, is none, or was not restored.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// There is something in the directory already.
    #[error("there is something in {} already", .0.display())]
    NotNew(PathBuf),
    /// A file could not be read or written.
    #[error("{} could not be used", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A program of PostgreSQL could not be started.
    #[error("{program} could not be started")]
    Missing {
        /// Which.
        program: &'static str,
        /// Why.
        #[source]
        source: io::Error,
    },
    /// A program of PostgreSQL gave up.
    #[error("{program} gave up: {said}")]
    GaveUp {
        /// Which.
        program: &'static str,
        /// The beginning of what it said, without what the server added: that may quote rows.
        said: String,
    },
    /// The address of the database is none that a program of PostgreSQL can be given.
    #[error("the URL of the database has a form that cannot be passed on")]
    Address,
    /// There is no manifest, so the backup was never finished, or this is none.
    #[error("there is no finished backup in {}", .0.display())]
    NoBackup(PathBuf),
    /// Somebody did not want to wait for it.
    #[error("it was interrupted, and nothing of it is left")]
    Interrupted,
    /// A part of the backup is not what was written.
    #[error("the backup is damaged: {part}")]
    Damaged {
        /// Which part.
        part: String,
    },
    /// The backup is whole, but it is another one.
    #[error("this is another backup than the one whose manifest has the given digest")]
    Another,
    /// The database has fewer events than were vouched for.
    #[error("the database has {size} events in its tree, but the last checkpoint vouches for {vouched}")]
    Behind {
        /// How many it has.
        size: u64,
        /// How many it had.
        vouched: u64,
    },
    /// A checkpoint says something else about the tree, or is not signed with the key.
    #[error("the checkpoints do not agree with the trail: {0}")]
    Disagrees(Finding),
    /// The backup is older than the last checkpoint, and nobody has accepted that. Events that were written but had no
    /// leaf yet when it was taken count as lost: nothing proves that they are the same.
    #[error("EVENTS WILL BE LOST: the last checkpoint vouches for {lost} events that came after the backup")]
    Loss {
        /// How many.
        lost: u64,
    },
    /// Another loss was accepted than there is.
    #[error("{lost} events will be lost, not {accepted}")]
    OtherLoss {
        /// How many there are.
        lost: u64,
        /// How many were said.
        accepted: u64,
    },
    /// The schema of the backup is newer than this program.
    #[error("the backup has migrations that this program does not know")]
    Newer,
    /// The schema of the backup is older than this program, and nobody has asked for the migrations.
    #[error("the backup lacks migrations of this program: {0}")]
    Older(String),
    /// The services' address of the database is that of another one.
    #[error("the two addresses of the database lead to different ones")]
    TwoDatabases,
    /// The database is not empty.
    #[error("the database is not empty")]
    DatabaseInUse,
    /// The store of files is not empty.
    #[error("the directory of the blobs is not empty")]
    BlobsInUse,
    /// The volume is too small for what is to be restored.
    #[error("the blobs need {needed} bytes, and there is room for {room}")]
    NoRoom {
        /// How much is in the backup.
        needed: u64,
        /// How much the volume takes.
        room: u64,
    },
    /// The restored database has something else than the backup.
    #[error("the restored database does not have what the manifest says")]
    Incomplete,
    /// A blob could not be read or written.
    #[error("a blob could not be copied")]
    Blob(#[from] blobs::Error),
    /// The database refused.
    #[error("the database could not be used")]
    Store(#[from] store::Error),
    /// Nobody may do this with that login.
    #[error("nobody with this login was administrator when the backup was taken")]
    Operator,
    /// Where the checkpoints of what is lost are to be kept are others.
    #[error("{} has other checkpoints than those that are to be kept there", .0.display())]
    KeptOthers(PathBuf),
    /// The address of the database has a secret that the list of processes would show.
    #[error("the URL of the database has the parameter {0}, which everybody on this machine would see")]
    Exposed(&'static str),
}

impl Error {
    /// For `map_err`: names the file.
    pub(crate) fn file(path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        |source| Self::File { path, source }
    }

    pub(crate) fn damaged(part: impl Into<String>) -> Self {
        Self::Damaged { part: part.into() }
    }

    /// One word for it, for programs.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotNew(_) => "directory_not_empty",
            Self::File { .. } => "file",
            Self::Missing { .. } => "program_missing",
            Self::GaveUp { .. } => "program_failed",
            Self::Address => "address",
            Self::NoBackup(_) => "no_backup",
            Self::Interrupted => "interrupted",
            Self::Damaged { .. } => "damaged",
            Self::Another => "another_backup",
            Self::Behind { .. } => "older_than_checkpoint",
            Self::Disagrees(_) => "checkpoints_disagree",
            Self::Loss { .. } | Self::OtherLoss { .. } => "loss_not_accepted",
            Self::Newer => "schema_newer",
            Self::Older(_) => "schema_older",
            Self::TwoDatabases => "two_databases",
            Self::DatabaseInUse => "database_not_empty",
            Self::BlobsInUse => "blobs_not_empty",
            Self::NoRoom { .. } => "no_room",
            Self::Incomplete => "incomplete",
            Self::Blob(_) => "blob",
            Self::Store(_) => "database",
            Self::Operator => "operator",
            Self::KeptOthers(_) => "checkpoints_kept",
            Self::Exposed(_) => "address_exposed",
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn advice(&self) -> String {
        match self {
            Self::NotNew(_) => "name a directory that is not there yet",
            Self::File { .. } => "check who owns the file and whether its disk is full",
            Self::Missing { .. } => "install PostgreSQL's client, or say where it is with --postgres-bin",
            Self::GaveUp { .. } => "its version has to be the server's or later; the server's log says more",
            Self::Address => "write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE",
            Self::NoBackup(_) => "name the directory of a backup; what was broken off can be removed",
            Self::Interrupted => "take it when there is time for it",
            Self::Damaged { .. } => "do not restore it: take another backup, and look at the disk that this one was on",
            Self::Another => "look for the backup that you mean",
            Self::Behind { .. } | Self::Disagrees(_) => "run `korrigo audit verify` with the same checkpoints and key",
            Self::Loss { lost } | Self::OtherLoss { lost, .. } => {
                return format!(
                    "look for a later backup. If there is none, say that you know: --accept-loss {lost}"
                );
            }
            Self::Newer => "use the version of Korrigo that took the backup, or a later one",
            Self::Older(_) => "use the version of Korrigo that took the backup, or apply them with --migrate",
            Self::TwoDatabases => "give the database that is to be restored as the role korrigo_migrate and as korrigo_app",
            Self::DatabaseInUse => "make room with `korrigo migrate set-aside`, or a new one with `korrigo migrate bootstrap` under another name",
            Self::NoRoom { .. } => "name a directory on a larger volume, or make room",
            Self::BlobsInUse => "say --reuse-blobs if what is in it may stay, or name a directory that is not there yet",
            Self::Incomplete => "keep the services away from it, make room with `korrigo migrate set-aside` and restore again",
            Self::Blob(_) => "check the directories of the blobs and of the backup, and whether a disk is full",
            Self::Store(store::Error::SchemaBehind | store::Error::SchemaUnknown) => {
                "use the version of Korrigo that the services run: `korrigo migrate status`"
            }
            Self::Store(_) => "check the URL of the database and its role; the server's log says more",
            Self::Operator => "give the login of somebody who was administrator then, with --operator",
            Self::KeptOthers(_) => "move it away; whoever has a copy of the checkpoints may want it",
            Self::Exposed("password") => "write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE, or into a file that `passfile` names",
            Self::Exposed(_) => "write it into a service file of PostgreSQL, and `service=NAME` into the URL",
        }
        .to_owned()
    }
}
