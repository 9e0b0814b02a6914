//! Either of the two places where objects can be kept, for those who need not know which.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::SystemTime;

use domain::Digest;

use crate::bucket::Bucket;
use crate::disk::{Disk, Found, delete};
use crate::download::Download;
use crate::reader::{FileReader, Reader};
use crate::{Config, Error, Result};

/// Where objects are kept. Clones share it.
#[derive(Debug, Clone)]
pub(crate) enum Storage {
    Disk(Arc<Disk>),
    Bucket(Arc<Bucket>),
}

/// What became of objects that were to be put aside.
#[derive(Debug, Default)]
pub(crate) struct PutAside {
    /// They are aside, and have to be decided about.
    pub(crate) undecided: Vec<Found<Digest>>,
    /// They have no name any more. That they can still be read is for those who have just written them again.
    pub(crate) deleted: Vec<Found<Digest>>,
    /// They were written again.
    pub(crate) restored: u64,
}

impl Storage {
    pub(crate) fn open(config: &Config) -> io::Result<Self> {
        Ok(match &config.bucket {
            None => Self::Disk(Arc::new(Disk::open(&config.directory)?)),
            Some(s3) => Self::Bucket(Arc::new(Bucket::open(s3, config.directory.join("incoming"))?)),
        })
    }

    pub(crate) async fn read(&self, digest: Digest) -> Result<Reader> {
        match self {
            Self::Disk(disk) => {
                let disk = Arc::clone(disk);
                blocking(move || FileReader::open(&disk, digest).map(Reader::File)).await
            }
            Self::Bucket(bucket) => Download::begin(bucket, digest).await.map(Reader::Download),
        }
    }

    pub(crate) async fn exists(&self, digest: Digest) -> Result<bool> {
        match self {
            Self::Disk(disk) => {
                let disk = Arc::clone(disk);
                blocking(move || disk.exists(&digest).map_err(Error::Read)).await
            }
            Self::Bucket(bucket) => bucket.exists(&digest).await.map_err(Error::Read),
        }
    }

    /// The objects whose digest begins with `first`.
    pub(crate) async fn objects(&self, first: u8) -> Result<Vec<Found<Digest>>> {
        match self {
            Self::Disk(disk) => look(disk, move |disk| disk.objects(first)).await,
            Self::Bucket(bucket) => bucket.objects(first).await.map_err(Error::List),
        }
    }

    /// The objects that are aside and have to be decided about: in a bucket, those that are so since before `limit`.
    pub(crate) async fn aside(&self, limit: SystemTime) -> Result<Vec<Found<Digest>>> {
        match self {
            Self::Disk(disk) => look(disk, Disk::aside).await,
            Self::Bucket(bucket) => {
                let mut aside = bucket.aside().await.map_err(Error::List)?;
                aside.retain(|found| found.modified <= limit);
                Ok(aside)
            }
        }
    }

    /// The files of uploads that may have been left behind. Those on their way to a bucket have no names.
    pub(crate) async fn uploads(&self) -> Result<Vec<Found<PathBuf>>> {
        match self {
            Self::Disk(disk) => look(disk, Disk::uploads).await,
            Self::Bucket(_) => Ok(Vec::new()),
        }
    }

    /// Moves objects aside; in a bucket, those that were last written before `limit`.
    pub(crate) async fn put_aside(
        &self,
        condemned: Vec<Found<Digest>>,
        limit: SystemTime,
    ) -> Result<PutAside> {
        let mut outcome = PutAside::default();
        match self {
            Self::Disk(disk) => {
                outcome.undecided = change(disk, move |disk| {
                    let moved = condemned.iter().map(|found| disk.put_aside(&found.name));
                    moved.filter_map(io::Result::transpose).collect()
                })
                .await?;
            }
            Self::Bucket(bucket) => {
                for found in condemned {
                    if bucket
                        .put_aside(&found.name, limit)
                        .await
                        .map_err(Error::Delete)?
                    {
                        outcome.deleted.push(found);
                    } else {
                        outcome.restored += 1;
                    }
                }
            }
        }
        Ok(outcome)
    }

    /// Moves objects back.
    pub(crate) async fn put_back(&self, spared: Vec<Found<Digest>>) -> Result<()> {
        match self {
            Self::Disk(disk) => {
                change(disk, move |disk| {
                    spared.iter().try_for_each(|found| disk.put_back(&found.name))
                })
                .await
            }
            Self::Bucket(bucket) => {
                for found in spared {
                    bucket.put_back(&found.name).await.map_err(Error::Delete)?;
                }
                Ok(())
            }
        }
    }

    /// Deletes objects that are aside. Returns those that nobody has counted as deleted yet.
    pub(crate) async fn delete_aside(&self, condemned: Vec<Found<Digest>>) -> Result<Vec<Found<Digest>>> {
        match self {
            Self::Disk(disk) => {
                change(disk, move |disk| {
                    let mut deleted = Vec::new();
                    for found in condemned {
                        if disk.delete_aside(&found.name)? {
                            deleted.push(found);
                        }
                    }
                    Ok(deleted)
                })
                .await
            }
            Self::Bucket(bucket) => {
                for found in condemned {
                    bucket.delete_aside(&found.name).await.map_err(Error::Delete)?;
                }
                Ok(Vec::new())
            }
        }
    }

    /// Deletes the files of uploads that were left behind.
    pub(crate) async fn delete_uploads(&self, stale: Vec<Found<PathBuf>>) -> Result<()> {
        blocking(move || {
            let mut deleted = stale.iter().map(|found| delete(&found.name));
            deleted
                .try_for_each(|deleted| deleted.map(drop))
                .map_err(Error::Delete)
        })
        .await
    }
}

/// Runs `work` where it may block.
pub(crate) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T> + Send + 'static,
) -> Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .map_err(|_cancelled| Error::Interrupted)?
}

async fn look<T: Send + 'static>(
    disk: &Arc<Disk>,
    look: impl FnOnce(&Disk) -> io::Result<T> + Send + 'static,
) -> Result<T> {
    let disk = Arc::clone(disk);
    blocking(move || look(&disk).map_err(Error::List)).await
}

async fn change<T: Send + 'static>(
    disk: &Arc<Disk>,
    change: impl FnOnce(&Disk) -> io::Result<T> + Send + 'static,
) -> Result<T> {
    let disk = Arc::clone(disk);
    blocking(move || change(&disk).map_err(Error::Delete)).await
}
