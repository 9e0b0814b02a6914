//! Takes a backup, while everybody works.

use std::path::Path;
use std::pin::{Pin, pin};

use blobs::Blobs;
use domain::audit::Root;
use domain::secret::Secret;
use futures::FutureExt as _;
use store::backup::{Contents, Snapshot};

use crate::backup::dump::require_hidden;
use crate::backup::files::{Begun, Files, Written};
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

/// Takes a backup into a new directory. `tell` hears how far it is. Where it fails, or is told by `stop` to end, it leaves
/// nothing of it.
pub async fn take(
    source: &Source,
    tools: &Tools,
    directory: &Path,
    tell: impl Fn(&str) + Clone + Send + 'static,
    stop: impl Future<Output = ()>,
) -> Result<Sealed, Error> {
    let mut stop = pin!(stop);
    require_hidden(&source.database)?;
    let (begun, dump) = Begun::make(directory)?;
    // Before the snapshot: what it vouches for has to be in there.
    let checkpoint = source.outside.as_ref().map(Outside::last).transpose()?.flatten();
    let mut snapshot = Snapshot::take(&source.database)?;
    let contents = snapshot.contents()?;
    let vouched = checkpoint.as_ref().map(|(_, root)| *root);
    not_behind(&contents, vouched)?;
    tell("dumping the database");
    let dump = tokio::select! {
        dump = dumped(source, tools, snapshot.name(), dump, tell.clone()) => dump?,
        () = stop.as_mut() => return Err(Error::Interrupted),
    };
    let copied = copy(&mut snapshot, &source.blobs, begun.files(), &tell, stop).await?;
    let Contents {
        schema,
        at,
        copies,
        events,
        tree,
    } = contents;
    let sealed = begun.files().finish(Manifest {
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

/// Dumps the database in a thread of its own: whoever interrupts it is heard meanwhile. It makes no file, so that it may be left
/// alone.
async fn dumped(
    source: &Source,
    tools: &Tools,
    snapshot: &str,
    to: Written,
    tell: impl Fn(&str) + Send + 'static,
) -> Result<Whole, Error> {
    let (tools, database, snapshot) = (tools.clone(), source.database.clone(), snapshot.to_owned());
    let dumping = tokio::task::spawn_blocking(move || {
        during(tell, "dumping the database", || {
            tools.dump(&database, &snapshot, to)
        })
    });
    dumping.await.map_err(|_ended| Error::Interrupted)?
}

struct Copied {
    list: Whole,
    blobs: u64,
    bytes: u64,
}

/// Copies every file that the snapshot refers to. One that is missing or damaged ends it: what cannot be restored is no
/// backup. Told to end it does so between two files: one that is left alone half way may appear when all is removed.
async fn copy(
    snapshot: &mut Snapshot,
    from: &Blobs,
    files: &Files,
    tell: impl Fn(&str),
    mut stop: Pin<&mut impl Future<Output = ()>>,
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
            if stop.as_mut().now_or_never().is_some() {
                return Err(Error::Interrupted);
            }
            let size = from.copy_into(digest, &to).await?.bytes();
            list.add(format!("{digest} {size}\n").as_bytes())?;
            (blobs, bytes) = (blobs + 1, bytes + size);
            if blobs % TOLD_EVERY == 0 {
                tell(&format!("{blobs} files copied"));
            }
        }
    }
}
