//! Takes a backup, while everybody works.

use std::path::Path;

use blobs::Blobs;
use domain::audit::Root;
use domain::secret::Secret;
use store::backup::{Contents, Snapshot};

use crate::backup::dump::require_hidden;
use crate::backup::files::{Files, Written};
use crate::backup::verify::TOLD_EVERY;
use crate::backup::{Error, Manifest, Outside, Sealed, Tools, Whole};
use crate::terminal::{during, problem};

/// What a backup is taken of.
#[derive(Debug)]
pub struct Source {
    /// The database, as the role that migrates.
    pub database: Secret,
    /// The files.
    pub blobs: Blobs,
    /// The checkpoints, if there are any.
    pub outside: Option<Outside>,
}

/// Takes a backup into a new directory. `tell` hears how far it is.
pub async fn take(
    source: &Source,
    tools: &Tools,
    directory: &Path,
    tell: impl Fn(&str) + Sync,
) -> Result<Sealed, Error> {
    require_hidden(&source.database)?;
    let files = Files::make(directory)?;
    // Before the snapshot: what it vouches for has to be in there.
    let checkpoint = source.outside.as_ref().map(Outside::last).transpose()?.flatten();
    let mut snapshot = Snapshot::take(&source.database)?;
    let contents = snapshot.contents()?;
    let vouched = checkpoint.as_ref().map(|(_, root)| *root);
    not_behind(&contents, vouched)?;
    tell("dumping the database");
    let dump = during(&tell, "dumping the database", || {
        tools.dump(&source.database, snapshot.name(), &files.dump())
    })?;
    let copied = copy(&mut snapshot, &source.blobs, &files, &tell).await?;
    let Contents {
        schema,
        at,
        copies,
        events,
        tree,
    } = contents;
    let sealed = files.finish(Manifest {
        korrigo: env!("CARGO_PKG_VERSION").to_owned(),
        taken_at: at,
        schema,
        copies,
        events,
        tree,
        checkpoint: checkpoint.map(|(note, _)| note),
        dump,
        list: copied.list,
        blobs: copied.blobs,
        blob_bytes: copied.bytes,
    })?;
    // One for evidence, without checkpoints, changes nothing of the database that it is of.
    if source.outside.is_some()
        && let Err(error) = store::backup_taken(&source.database, at)
    {
        problem(format_args!(
            "the backup is whole, but the database does not know of it, because {error}: the alert for old backups will come"
        ));
    }
    Ok(sealed)
}

fn not_behind(contents: &Contents, vouched: Option<Root>) -> Result<(), Error> {
    match vouched {
        Some(Root { size, .. }) if size > contents.tree.size => Err(Error::Behind {
            size: contents.tree.size,
            vouched: size,
        }),
        Some(_) | None => Ok(()),
    }
}

struct Copied {
    list: Whole,
    blobs: u64,
    bytes: u64,
}

/// Copies every file that the snapshot refers to. One that is missing or damaged ends it: what cannot be restored is no
/// backup.
async fn copy(
    snapshot: &mut Snapshot,
    from: &Blobs,
    files: &Files,
    tell: impl Fn(&str),
) -> Result<Copied, Error> {
    let to = files.blobs()?;
    let mut list = Written::create(&files.list())?;
    let (mut blobs, mut bytes) = (0, 0);
    loop {
        let digests = snapshot.blobs()?;
        if digests.is_empty() {
            let list = list.finish()?;
            return Ok(Copied { list, blobs, bytes });
        }
        for digest in digests {
            let size = from.copy_into(digest, &to).await?.bytes();
            list.add(format!("{digest} {size}\n").as_bytes())?;
            (blobs, bytes) = (blobs + 1, bytes + size);
            if blobs % TOLD_EVERY == 0 {
                tell(&format!("{blobs} files copied"));
            }
        }
    }
}
