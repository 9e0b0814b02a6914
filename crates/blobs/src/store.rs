//! The store: writes objects whole, and checks what it reads.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use bytes::Bytes;
use domain::{Digest, FileSize};
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};

use crate::disk::delete;
use crate::reader::{PIECE, Reader};
use crate::storage::{Storage, blocking};
use crate::upload::{Sink, Upload};
use crate::{Config, Error, Result};

/// What is written to see whether there is room.
const BLOCK: usize = 4096;

/// Objects by digest. Clones share the store.
#[derive(Debug, Clone)]
pub struct Blobs {
    storage: Storage,
}

/// An object that is safely in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// The digest of its bytes, which is its name.
    pub digest: Digest,
    /// How many bytes.
    pub size: FileSize,
}

/// How much room there is, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Room {
    /// What is left for processes without special rights.
    pub free: u64,
    /// All there is.
    pub size: u64,
}

impl Blobs {
    /// Opens the store. A directory that is missing is made; a bucket is not asked for.
    pub fn open(config: &Config) -> Result<Self> {
        Ok(Self {
            storage: Storage::open(config).map_err(Error::Open)?,
        })
    }

    /// Starts an upload.
    pub async fn begin(&self) -> Result<Upload> {
        Upload::begin(self.storage.clone()).await
    }

    /// Whether there is room for an object: writes a block of one and leaves nothing. A bucket is only asked whether it
    /// is there.
    pub async fn try_room(&self) -> Result<()> {
        let storage = self.storage();
        blocking(move || Sink::create(storage)?.write(&[0; BLOCK])).await?;
        match &self.storage {
            Storage::Disk(_) => Ok(()),
            Storage::Bucket(bucket) => bucket.probe().await.map_err(Error::Read),
        }
    }

    /// The room on the volume; `None` for a bucket, which has no end that could be asked for.
    pub async fn room(&self) -> Result<Option<Room>> {
        match &self.storage {
            Storage::Disk(disk) => {
                let disk = Arc::clone(disk);
                blocking(move || disk.room().map(Some).map_err(Error::Read)).await
            }
            Storage::Bucket(_) => Ok(None),
        }
    }

    /// Stores `bytes`. An object that is there already becomes young again, for the sweeper.
    pub async fn put(&self, bytes: impl Into<Bytes>) -> Result<Stored> {
        let (storage, bytes) = (self.storage.clone(), bytes.into());
        let filled = blocking(move || fill_with(storage, &bytes)).await?;
        filled.publish().await
    }

    /// Stores a copy of the file at `path`.
    pub async fn put_file(&self, path: &Path) -> Result<Stored> {
        let (storage, path) = (self.storage.clone(), path.to_owned());
        let filled = blocking(move || fill_with_file(storage, &path)).await?;
        filled.publish().await
    }

    /// All the bytes of an object.
    pub async fn get(&self, digest: Digest) -> Result<Bytes> {
        let mut reader = self.storage.read(digest).await?;
        let mut bytes = Vec::with_capacity(usize::try_from(reader.size()).unwrap_or_default());
        while let Some((piece, rest)) = reader.next().await? {
            bytes.extend_from_slice(&piece);
            reader = rest;
        }
        Ok(bytes.into())
    }

    /// The size of an object and its bytes in pieces. The last piece only comes if the digest of all is right;
    /// otherwise the stream ends with [`Error::Corrupt`].
    pub async fn stream(&self, digest: Digest) -> Result<(FileSize, BoxStream<'static, Result<Bytes>>)> {
        let reader = self.storage.read(digest).await?;
        let size = FileSize::new(reader.size()).ok_or(Error::Corrupt(digest))?;
        Ok((size, stream::try_unfold(reader, Reader::next).boxed()))
    }

    /// Copies an object to a new file at `path`, which is removed again if the object is damaged.
    pub async fn copy_to(&self, digest: Digest, path: &Path) -> Result<FileSize> {
        let reader = self.storage.read(digest).await?;
        let size = FileSize::new(reader.size()).ok_or(Error::Corrupt(digest))?;
        let path = path.to_owned();
        let (path, file) = blocking(move || create(path)).await?;
        let copied = copy(reader, file).await;
        if copied.is_err() {
            // What matters is why it failed, not whether its remains could be removed.
            let _ = blocking(move || delete(&path).map_err(Error::File)).await;
        }
        copied.map(|()| size)
    }

    /// Whether there is such an object. Its bytes are not checked.
    pub async fn exists(&self, digest: Digest) -> Result<bool> {
        self.storage.exists(digest).await
    }

    /// Whether there is no object at all.
    pub async fn is_empty(&self) -> Result<bool> {
        for first in 0..=u8::MAX {
            if !self.storage.objects(first).await?.is_empty() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(crate) fn storage(&self) -> Storage {
        self.storage.clone()
    }
}

fn fill_with(storage: Storage, bytes: &[u8]) -> Result<Sink> {
    let mut sink = Sink::create(storage)?;
    sink.write(bytes)?;
    Ok(sink)
}

fn fill_with_file(storage: Storage, path: &Path) -> Result<Sink> {
    let mut file = File::open(path).map_err(Error::File)?;
    let mut sink = Sink::create(storage)?;
    let mut piece = Vec::new();
    loop {
        piece.clear();
        let read = (&mut file)
            .take(PIECE)
            .read_to_end(&mut piece)
            .map_err(Error::File)?;
        if read == 0 {
            return Ok(sink);
        }
        sink.write(&piece)?;
    }
}

fn create(path: PathBuf) -> Result<(PathBuf, File)> {
    let file = File::create_new(&path).map_err(Error::File)?;
    Ok((path, file))
}

async fn copy(mut reader: Reader, mut file: File) -> Result<()> {
    while let Some((piece, rest)) = reader.next().await? {
        reader = rest;
        file = blocking(move || {
            file.write_all(&piece).map_err(Error::File)?;
            Ok(file)
        })
        .await?;
    }
    Ok(())
}
