//! The way back: everything is looked at before anything is touched, and everything again afterwards.

use std::path::PathBuf;

use blobs::Blobs;
use domain::audit::{Restore, Root, Subject};
use domain::copy::Restoration;
use domain::secret::Secret;
use domain::{Digest, Ids, OperationId, Timestamp, UserId};
use store::{Database, Scope, Tx, migrations};

use crate::audit::how_far;
use crate::backup::dump::require_hidden;
use crate::backup::files::Files;
use crate::backup::verify::{Listed, TOLD_EVERY, whole_size};
use crate::backup::{Error, Manifest, Outside, Sealed, Tools, verify};
use crate::terminal::during;

/// How many trails are told at a time.
const TRAILS: u16 = 50;
/// How many files are read once more when all is done, as the services will.
const SAMPLE: u16 = 100;

/// What is to be restored, to where, and what the operator has accepted.
#[derive(Debug)]
pub struct Plan {
    /// The backup.
    pub directory: PathBuf,
    /// The digest of its manifest, if it was kept.
    pub expected: Option<Digest>,
    /// The empty database, as the role that migrates.
    pub owner: Secret,
    /// The same, as the role of the services.
    pub app: Secret,
    /// The store of files.
    pub blobs: Blobs,
    /// Whether it may have some already. What the backup does not have stays there.
    pub reuse_blobs: bool,
    /// The checkpoints, if there are any.
    pub outside: Option<Outside>,
    /// The login of the administrator who does it.
    pub operator: String,
    /// How many events are known to be lost.
    pub accepted_loss: Option<u64>,
    /// Whether migrations that the backup lacks are applied.
    pub migrate: bool,
}

/// What was restored.
#[derive(Debug)]
pub struct Restored {
    /// The backup.
    pub sealed: Sealed,
    /// How many files were put into the store: those that it did not have already, as they should be.
    pub put: usize,
    /// When, by the clock of the database.
    pub at: Timestamp,
    /// How many events are lost that a checkpoint vouched for.
    pub lost: u64,
    /// Where the checkpoints are that are of no use any more.
    pub lost_checkpoints: Option<PathBuf>,
    /// The checkpoint that the database knows of and the file does not have, by how many leaves it vouched for.
    pub missing_checkpoint: Option<u64>,
    /// What was verified of the trail.
    pub verified: store::Verified,
    /// How much in the tables does not agree with the trail.
    pub disagreements: u64,
    /// Whose trails have it.
    pub recorded: Recorded,
    /// How many files were read to their end afterwards, by what the tables say of them.
    pub read: usize,
}

/// How many trails have it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Of copies.
    pub copies: u64,
    /// Of people.
    pub people: u64,
}

/// Restores a backup. `tell` hears how far it is.
pub async fn restore(plan: &Plan, tools: &Tools, tell: impl Fn(&str) + Sync) -> Result<Restored, Error> {
    require_hidden(&plan.owner)?;
    let sealed = verify(&plan.directory, plan.expected, &tell).await?;
    let lost = allowed(plan, &sealed.manifest)?;
    let files = Files::of(&plan.directory);
    // Also whether there is a program that can read the dump.
    let operator = tools.administrator(&files.dump(), &plan.operator)?;
    require_empty(plan).await?;
    let lacking = lacking(plan, &files, &sealed.manifest, &tell).await?;
    require_room(plan, lacking.bytes).await?;
    tell("restoring the database");
    during(&tell, "restoring the database", || {
        tools.restore(&plan.owner, &files.dump())
    })?;
    let at = require_whole(plan, &sealed.manifest)?;
    during(&tell, "migrating", || migrations::up(&plan.owner))?;
    store::backup::end_claims(&plan.owner)?;
    let database = Database::connect(store::Config::new(plan.app.clone())).await?;
    put(plan, &files, &lacking.digests, &tell).await?;
    tell("verifying the trail");
    let (verified, missing) = agree(&database, plan, sealed.manifest.tree, &tell).await?;
    tell("comparing the tables with the trail");
    let counts = database
        .transaction("reconcile_audit", |tx| tx.reconciliation().run())
        .await?;
    let said = Restore::new(sealed.digest, sealed.manifest.tree.size, lost);
    tell("recording it in the trails");
    let recorded = record(&database, &said, operator, &tell).await?;
    let read = read_some(&database, &plan.blobs).await?;
    // Last: until all is recorded, the checkpoints say loudly that something is missing.
    let lost_checkpoints = match &plan.outside {
        Some(outside) if lost > 0 => Some(outside.cut(sealed.manifest.tree.size)?),
        Some(_) | None => None,
    };
    Ok(Restored {
        sealed,
        put: lacking.digests.len(),
        at,
        lost,
        lost_checkpoints,
        missing_checkpoint: missing.map(|root| root.size),
        verified,
        disagreements: counts.iter().map(|(_, count)| count).sum(),
        recorded,
        read,
    })
}

/// How many events will be lost, if the operator has said that they know, and the schema is one that can be used.
fn allowed(plan: &Plan, manifest: &Manifest) -> Result<u64, Error> {
    let known = migrations::versions()?;
    if manifest.schema.iter().any(|version| !known.contains(version)) {
        return Err(Error::Newer);
    }
    let lacking: Vec<String> = known
        .into_iter()
        .filter(|version| !manifest.schema.contains(version))
        .collect();
    if !lacking.is_empty() && !plan.migrate {
        return Err(Error::Older(lacking.join(", ")));
    }
    let outside = plan.outside.as_ref();
    let lost = outside.map_or(Ok(0), |outside| outside.beyond(manifest.tree))?;
    if let Some(outside) = outside.filter(|_| lost > 0) {
        outside.require_cuttable(manifest.tree.size)?;
    }
    match plan.accepted_loss {
        Some(accepted) if accepted != lost => Err(Error::OtherLoss { lost, accepted }),
        None if lost > 0 => Err(Error::Loss { lost }),
        Some(_) | None => Ok(lost),
    }
}

/// That the database and the store of files are there and have nothing that may not be there, and that the store can be written
/// to.
async fn require_empty(plan: &Plan) -> Result<(), Error> {
    // The trail of another database would say for ever that it was restored.
    if store::backup::identity(&plan.owner)? != store::backup::identity(&plan.app)? {
        return Err(Error::TwoDatabases);
    }
    if !store::backup::is_empty(&plan.owner)? {
        return Err(Error::DatabaseInUse);
    }
    if !plan.reuse_blobs && !plan.blobs.is_empty().await? {
        return Err(Error::BlobsInUse);
    }
    Ok(plan.blobs.try_room().await?)
}

/// Files of the backup that the store does not have, or not as they should be.
#[derive(Default)]
struct Lacking {
    digests: Vec<Digest>,
    bytes: u64,
}

async fn lacking(
    plan: &Plan,
    files: &Files,
    manifest: &Manifest,
    tell: impl Fn(&str),
) -> Result<Lacking, Error> {
    let mut lacking = Lacking::default();
    for (line, number) in Listed::open(files)?.zip(1_u64..) {
        let (digest, size) = line?;
        if !(plan.reuse_blobs && whole_size(&plan.blobs, digest).await?.is_some()) {
            lacking.digests.push(digest);
            lacking.bytes += size;
        }
        if plan.reuse_blobs && number.is_multiple_of(TOLD_EVERY) {
            tell(&format!(
                "{number} of {} files looked for in the store",
                manifest.blobs
            ));
        }
    }
    Ok(lacking)
}

/// Puts files of the backup into the store. What is there by their names is replaced.
async fn put(plan: &Plan, files: &Files, digests: &[Digest], tell: impl Fn(&str)) -> Result<(), Error> {
    let kept = files.blobs()?;
    for (digest, number) in digests.iter().zip(1_u64..) {
        kept.copy_into(*digest, &plan.blobs).await?;
        if number.is_multiple_of(TOLD_EVERY) {
            tell(&format!("{number} of {} files restored", digests.len()));
        }
    }
    Ok(())
}

/// That the volume takes so much, where that can be asked.
async fn require_room(plan: &Plan, needed: u64) -> Result<(), Error> {
    let room = plan.blobs.room().await?;
    fits(needed, room.map(|room| room.free))
}

fn fits(needed: u64, room: Option<u64>) -> Result<(), Error> {
    match room {
        Some(room) if room < needed => Err(Error::NoRoom { needed, room }),
        Some(_) | None => Ok(()),
    }
}

/// Reads files as the services do: those that the tables name, with the role of the services.
async fn read_some(database: &Database, blobs: &Blobs) -> Result<usize, Error> {
    let some = database.transaction("sample_blobs", |tx| tx.blobs().some(SAMPLE));
    let some: Vec<Digest> = some.await?;
    for digest in &some {
        blobs.check(*digest).await?;
    }
    Ok(some.len())
}

/// That the database has what the manifest says, and the time.
fn require_whole(plan: &Plan, manifest: &Manifest) -> Result<Timestamp, Error> {
    let present = store::backup::present(&plan.owner)?;
    let same = present.schema == manifest.schema
        && (present.copies, present.events) == (manifest.copies, manifest.events)
        && present.tree == manifest.tree;
    if same {
        Ok(present.at)
    } else {
        Err(Error::Incomplete)
    }
}

/// Verifies the trail against the checkpoints of what was restored, and gives the one that they lack. A copy of their file
/// that is older than the backup is no reason to go without the backup.
async fn agree(
    database: &Database,
    plan: &Plan,
    tree: Root,
    tell: impl Fn(&str),
) -> Result<(store::Verified, Option<Root>), Error> {
    let outside = plan.outside.as_ref();
    let vouched = match outside {
        Some(_) => store::vouched(database).await?,
        None => None,
    };
    let mut checkpoints = outside.map_or(Ok(Vec::new()), Outside::roots)?;
    checkpoints.retain(|root| root.size <= tree.size);
    let missing = vouched.filter(|root| !checkpoints.contains(root));
    let scope = Scope {
        trail: None,
        checkpoints,
        vouched: None,
    };
    let verified = store::verify_telling(database, scope, |so_far| {
        tell(&how_far(so_far));
    })
    .await?;
    match verified.finding {
        Some(finding) => Err(Error::Disagrees(finding)),
        None => Ok((verified, missing)),
    }
}

/// Records it in the trail of every copy, then of every person.
async fn record(
    database: &Database,
    said: &Restore,
    operator: UserId,
    tell: impl Fn(&str),
) -> Result<Recorded, Error> {
    let recording = Recording {
        said: said.clone(),
        operator,
        operation: Ids::time_ordered().next(),
    };
    let of_copies = |tx: &mut Tx<'_>, after| tx.trails().copies(after, TRAILS);
    let of_people = |tx: &mut Tx<'_>, after| tx.trails().people(after, TRAILS);
    Ok(Recorded {
        copies: record_in(database, &recording, of_copies, |count| {
            tell(&format!("recorded in the trails of {count} copies"));
        })
        .await?,
        people: record_in(database, &recording, of_people, |count| {
            tell(&format!("recorded in the trails of {count} people"));
        })
        .await?,
    })
}

/// What every trail is told.
#[derive(Clone)]
struct Recording {
    said: Restore,
    operator: UserId,
    operation: OperationId,
}

/// Records it in the trails of all that `page` lists, and says how many they are.
async fn record_in<Id: Into<Subject> + Copy + Send + 'static>(
    database: &Database,
    recording: &Recording,
    page: impl Fn(&mut Tx<'_>, Option<Id>) -> Result<Vec<Id>, store::Error> + Copy + Send + 'static,
    tell: impl Fn(u64),
) -> Result<u64, Error> {
    let (mut recorded, mut after) = (0, None);
    loop {
        let Recording {
            said,
            operator,
            operation,
        } = recording.clone();
        let told = database
            .transaction("record_restore", move |tx| {
                let subjects = page(tx, after)?;
                for subject in &subjects {
                    let subject = (*subject).into();
                    // The row is the record; the log and the metrics are the services'.
                    let _entry = tx.restored(&Restoration::of(subject, said.clone(), operator, operation))?;
                }
                Ok::<_, store::Error>(subjects)
            })
            .await?;
        after = told.last().copied();
        if after.is_none() {
            return Ok(recorded);
        }
        recorded += u64::try_from(told.len()).unwrap_or(u64::MAX);
        tell(recorded);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_volume_that_is_too_small_is_refused_and_one_without_an_end_is_not() {
        assert!(fits(1000, Some(1000)).is_ok());
        assert!(fits(1000, None).is_ok());
        let refused = fits(1000, Some(999)).unwrap_err();
        assert_eq!(refused.code(), "no_room");
        assert!(refused.to_string().contains("1000 bytes"), "{refused}");
    }
}
