//! Takes a new object in pieces, in constant memory.

use std::fs::File;
use std::io::{self, Write as _};
use std::sync::Arc;

use domain::FileSize;
use domain::digest::Hasher;
use tempfile::NamedTempFile;

use crate::bucket::Bucket;
use crate::disk::Disk;
use crate::storage::{Storage, blocking};
use crate::store::Stored;
use crate::{Error, Result};

/// What is collected before it is written, so that small pieces do not cost a trip to the blocking pool each.
const BUFFER: usize = 256 * 1024;

/// An object on its way in. Dropped before [`finish`](Self::finish), it leaves nothing behind.
#[must_use = "an upload that is not finished leaves nothing"]
pub struct Upload {
    /// Absent while it is written to, and for good if that failed or was cancelled.
    sink: Option<Sink>,
    buffer: Vec<u8>,
    size: u64,
}

/// The file, with the digest and the size of what was written to it.
pub(crate) struct Sink {
    draft: Draft,
    hasher: Hasher,
    size: u64,
}

impl Upload {
    pub(crate) async fn begin(storage: Storage) -> Result<Self> {
        let sink = blocking(move || Sink::create(storage)).await?;
        Ok(Self {
            sink: Some(sink),
            buffer: Vec::new(),
            size: 0,
        })
    }

    /// Adds the next bytes. After an error the upload can only be dropped.
    pub async fn write(&mut self, bytes: impl AsRef<[u8]>) -> Result<()> {
        let bytes = bytes.as_ref();
        self.size = self.size.saturating_add(length(bytes));
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= BUFFER {
            self.flush().await
        } else {
            Ok(())
        }
    }

    /// How many bytes were added so far.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Makes the object durable and gives it its name. When this returns, it can be referred to.
    pub async fn finish(mut self) -> Result<Stored> {
        self.flush().await?;
        let sink = self.sink.take().ok_or(Error::Interrupted)?;
        sink.publish().await
    }

    async fn flush(&mut self) -> Result<()> {
        let mut sink = self.sink.take().ok_or(Error::Interrupted)?;
        let mut buffer = std::mem::take(&mut self.buffer);
        let written = blocking(move || {
            sink.write(&buffer)?;
            buffer.clear();
            Ok((sink, buffer))
        });
        let (sink, buffer) = written.await?;
        self.sink = Some(sink);
        self.buffer = buffer;
        Ok(())
    }
}

impl Sink {
    /// It blocks.
    pub(crate) fn create(storage: Storage) -> Result<Self> {
        Ok(Self {
            draft: Draft::create(storage).map_err(Error::write)?,
            hasher: Hasher::default(),
            size: 0,
        })
    }

    /// It blocks.
    pub(crate) fn write(&mut self, bytes: &[u8]) -> Result<()> {
        self.hasher.update(bytes);
        self.size = self.size.saturating_add(length(bytes));
        self.draft.file().write_all(bytes).map_err(Error::write)
    }

    pub(crate) async fn publish(self) -> Result<Stored> {
        let size = FileSize::new(self.size).ok_or(Error::Empty)?;
        let digest = self.hasher.finish();
        match self.draft {
            Draft::Disk(disk, file) => {
                blocking(move || disk.publish(file, &digest).map_err(Error::write)).await?;
            }
            Draft::Bucket(bucket, file) => {
                let published = bucket.publish(file, self.size, &digest).await;
                published.map_err(Error::write)?;
            }
        }
        Ok(Stored { digest, size })
    }
}

/// What is not yet an object, and where it will be one.
enum Draft {
    Disk(Arc<Disk>, NamedTempFile),
    Bucket(Arc<Bucket>, File),
}

impl Draft {
    fn create(storage: Storage) -> io::Result<Self> {
        Ok(match storage {
            Storage::Disk(disk) => {
                let file = disk.create()?;
                Self::Disk(disk, file)
            }
            Storage::Bucket(bucket) => {
                let file = bucket.create()?;
                Self::Bucket(bucket, file)
            }
        })
    }

    fn file(&mut self) -> &mut File {
        match self {
            Self::Disk(_, file) => file.as_file_mut(),
            Self::Bucket(_, file) => file,
        }
    }
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
