//! Deletes the objects that nobody refers to.
//!
//! An object is written before it is referred to, so a young object is left alone, and writing an object again makes
//! it young. An old one without references is moved aside, where it can still be read; then its age and its
//! references are looked at again, and only then is it deleted. So whoever writes the same bytes at that moment finds
//! them under their name afterwards, and whoever has just referred to it gets it back. In a bucket the second look is
//! not at once but by a later sweep, since objects cannot be moved there in one step.
//!
//! What is referred to is not known here: the caller answers. When that fails, nothing more is deleted.

use std::collections::HashSet;
use std::time::{Duration, SystemTime};

use domain::Digest;

use crate::disk::Found;
use crate::storage::Storage;
use crate::{Blobs, Error, Result};

/// How many objects are asked about at a time.
const BATCH: usize = 500;

/// What may be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SweepRules {
    /// An object or upload younger than this is left alone. It has to be longer than the longest time between the
    /// writing of an object and the commit of the first reference to it.
    pub min_age: Duration,
    /// Only count.
    pub dry_run: bool,
    /// Stop after so many, in case that the references are wrong.
    pub max_deletes: u64,
}

impl Default for SweepRules {
    fn default() -> Self {
        Self {
            min_age: Duration::from_hours(24),
            dry_run: false,
            max_deletes: 10_000,
        }
    }
}

/// What a sweep did, or would have done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Swept {
    /// Objects looked at.
    pub examined: u64,
    /// Objects deleted.
    pub deleted: u64,
    /// Their bytes.
    pub bytes: u64,
    /// Objects that were moved aside and back again.
    pub restored: u64,
    /// Remains of uploads that were deleted.
    pub stale_uploads: u64,
    /// Whether it stopped at the most that it may delete, with more to be deleted.
    pub more: bool,
}

/// Sweeps the whole store once. `unreferenced` answers which of the digests it is given nobody refers to.
pub async fn sweep<Ask, Answer, E>(
    blobs: &Blobs,
    rules: SweepRules,
    now: SystemTime,
    unreferenced: Ask,
) -> Result<Swept>
where
    Ask: Fn(Vec<Digest>) -> Answer,
    Answer: Future<Output = std::result::Result<Vec<Digest>, E>>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let sweeper = Sweeper {
        storage: blobs.storage(),
        rules,
        now,
        unreferenced,
        swept: Swept::default(),
    };
    sweeper.run().await
}

struct Sweeper<Ask> {
    storage: Storage,
    rules: SweepRules,
    now: SystemTime,
    unreferenced: Ask,
    swept: Swept,
}

impl<Ask, Answer, E> Sweeper<Ask>
where
    Ask: Fn(Vec<Digest>) -> Answer,
    Answer: Future<Output = std::result::Result<Vec<Digest>, E>>,
    E: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    async fn run(mut self) -> Result<Swept> {
        self.leftovers().await?;
        for first in 0..=u8::MAX {
            let found = self.storage.objects(first).await?;
            self.swept.examined += count(&found);
            let old: Vec<Found<Digest>> = found.into_iter().filter(|found| self.is_old(found)).collect();
            for batch in old.chunks(BATCH) {
                self.batch(batch).await?;
            }
        }
        self.uploads().await?;
        Ok(self.swept)
    }

    /// What an earlier sweep had moved aside when its process ended.
    async fn leftovers(&mut self) -> Result<()> {
        if self.rules.dry_run {
            return Ok(());
        }
        let aside = self.storage.aside(self.limit()).await?;
        for batch in aside.chunks(BATCH) {
            self.decide(batch.to_vec()).await?;
        }
        Ok(())
    }

    async fn batch(&mut self, batch: &[Found<Digest>]) -> Result<()> {
        let allowed = self.rules.max_deletes.saturating_sub(self.swept.deleted);
        let orphans = self.ask(batch).await?;
        let allowed = usize::try_from(allowed).unwrap_or(usize::MAX);
        let condemned = batch.iter().filter(|found| orphans.contains(&found.name));
        let mut condemned: Vec<Found<Digest>> = condemned.cloned().collect();
        self.swept.more |= condemned.len() > allowed;
        condemned.truncate(allowed);
        if self.rules.dry_run {
            self.swept.deleted += count(&condemned);
            self.swept.bytes += condemned.iter().map(|found| found.size).sum::<u64>();
            return Ok(());
        }
        let aside = self.storage.put_aside(condemned, self.limit()).await?;
        self.count_deleted(&aside.deleted);
        self.swept.restored += aside.restored;
        self.decide(aside.undecided).await
    }

    /// Deletes what was moved aside, or moves it back. The age is that of the file that is aside: it may be another
    /// than the one that was found.
    async fn decide(&mut self, aside: Vec<Found<Digest>>) -> Result<()> {
        // Without an answer everything goes back, and the reason is reported after that.
        let (orphans, failure) = match self.ask(&aside).await {
            Ok(orphans) => (orphans, None),
            Err(error) => (HashSet::new(), Some(error)),
        };
        let (condemned, spared): (Vec<_>, Vec<_>) = aside
            .into_iter()
            .partition(|found| self.is_old(found) && orphans.contains(&found.name));
        self.swept.restored += count(&spared);
        self.storage.put_back(spared).await?;
        let deleted = self.storage.delete_aside(condemned).await?;
        self.count_deleted(&deleted);
        failure.map_or(Ok(()), Err)
    }

    async fn uploads(&mut self) -> Result<()> {
        let mut stale = self.storage.uploads().await?;
        stale.retain(|found| self.is_old(found));
        self.swept.stale_uploads = count(&stale);
        if self.rules.dry_run {
            return Ok(());
        }
        self.storage.delete_uploads(stale).await
    }

    /// Which of `found` nobody refers to.
    async fn ask(&self, found: &[Found<Digest>]) -> Result<HashSet<Digest>> {
        if found.is_empty() {
            return Ok(HashSet::new());
        }
        let digests = found.iter().map(|found| found.name).collect();
        let answer = (self.unreferenced)(digests)
            .await
            .map_err(|error| Error::References(error.into()))?;
        Ok(answer.into_iter().collect())
    }

    fn count_deleted(&mut self, deleted: &[Found<Digest>]) {
        self.swept.deleted += count(deleted);
        self.swept.bytes += deleted.iter().map(|found| found.size).sum::<u64>();
    }

    fn is_old<Name>(&self, found: &Found<Name>) -> bool {
        found.modified <= self.limit()
    }

    /// What was written before is old.
    fn limit(&self) -> SystemTime {
        self.now
            .checked_sub(self.rules.min_age)
            .unwrap_or(SystemTime::UNIX_EPOCH)
    }
}

fn count<T>(items: &[T]) -> u64 {
    u64::try_from(items.len()).unwrap_or(u64::MAX)
}
