//! The store: writes objects whole, and checks what it reads.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use domain::{Digest, FileSize};
use futures::StreamExt as _;
use futures::stream::{self, BoxStream};

use crate::disk::{Disk, delete};
use crate::reader::{PIECE, Reader};
use crate::upload::{Sink, Upload};
use crate::{Config, Error, Location, Result};

/// What is written to see whether there is room.
const BLOCK: usize = 4096;

/// Objects by digest. Clones share the store.
#[derive(Debug, Clone)]
pub struct Blobs {
    disk: Arc<Disk>,
}

/// An object that is safely in the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// The digest of its bytes, which is its name.
    pub digest: Digest,
    /// How many bytes.
    pub size: FileSize,
}

impl Blobs {
    /// Opens the store. A directory that is missing is made.
    pub fn open(config: &Config) -> Result<Self> {
        let Location::Directory(path) = &config.location;
        Ok(Self {
            disk: Arc::new(Disk::open(path).map_err(Error::Open)?),
        })
    }

    /// Starts an upload.
    pub async fn begin(&self) -> Result<Upload> {
        Upload::begin(self.clone()).await
    }

    /// Whether there is room for an object: writes a block of one and leaves nothing.
    pub async fn try_room(&self) -> Result<()> {
        let disk = self.disk();
        blocking(move || Sink::create(&disk)?.write(&[0; BLOCK])).await
    }

    /// Stores `bytes`. An object that is there already becomes young again, for the sweeper.
    pub async fn put(&self, bytes: impl Into<Bytes>) -> Result<Stored> {
        let (disk, bytes) = (self.disk(), bytes.into());
        blocking(move || store(&disk, &bytes)).await
    }

    /// Stores a copy of the file at `path`.
    pub async fn put_file(&self, path: &Path) -> Result<Stored> {
        let (disk, path) = (self.disk(), path.to_owned());
        blocking(move || store_file(&disk, &path)).await
    }

    /// All the bytes of an object.
    pub async fn get(&self, digest: Digest) -> Result<Bytes> {
        let disk = self.disk();
        blocking(move || {
            let mut reader = Reader::open(&disk, digest)?;
            let mut bytes = Vec::with_capacity(usize::try_from(reader.size()).unwrap_or_default());
            while let Some(piece) = reader.next()? {
                bytes.extend_from_slice(&piece);
            }
            Ok(bytes.into())
        })
        .await
    }

    /// The size of an object and its bytes in pieces. The last piece only comes if the digest of all is right;
    /// otherwise the stream ends with [`Error::Corrupt`].
    pub async fn stream(&self, digest: Digest) -> Result<(FileSize, BoxStream<'static, Result<Bytes>>)> {
        let disk = self.disk();
        let reader = blocking(move || Reader::open(&disk, digest)).await?;
        let size = FileSize::new(reader.size()).ok_or(Error::Corrupt(digest))?;
        let pieces = stream::try_unfold(reader, |mut reader| {
            blocking(move || Ok(reader.next()?.map(|piece| (piece, reader))))
        });
        Ok((size, pieces.boxed()))
    }

    /// Copies an object to a new file at `path`, which is removed again if the object is damaged.
    pub async fn copy_to(&self, digest: Digest, path: &Path) -> Result<FileSize> {
        let (disk, path) = (self.disk(), path.to_owned());
        blocking(move || {
            let mut reader = Reader::open(&disk, digest)?;
            copy(&mut reader, &path)?;
            FileSize::new(reader.size()).ok_or(Error::Corrupt(digest))
        })
        .await
    }

    /// Whether there is such an object. Its bytes are not checked.
    pub async fn exists(&self, digest: Digest) -> Result<bool> {
        let disk = self.disk();
        blocking(move || disk.exists(&digest).map_err(Error::Read)).await
    }

    pub(crate) fn disk(&self) -> Arc<Disk> {
        Arc::clone(&self.disk)
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

fn store(disk: &Disk, bytes: &[u8]) -> Result<Stored> {
    let mut sink = Sink::create(disk)?;
    sink.write(bytes)?;
    sink.publish(disk)
}

fn store_file(disk: &Disk, path: &Path) -> Result<Stored> {
    let mut file = File::open(path).map_err(Error::File)?;
    let mut sink = Sink::create(disk)?;
    let mut piece = Vec::new();
    loop {
        piece.clear();
        let read = (&mut file)
            .take(PIECE)
            .read_to_end(&mut piece)
            .map_err(Error::File)?;
        if read == 0 {
            return sink.publish(disk);
        }
        sink.write(&piece)?;
    }
}

fn copy(reader: &mut Reader, path: &Path) -> Result<()> {
    let file = File::create_new(path).map_err(Error::File)?;
    let copied = fill(reader, file);
    if copied.is_err() {
        // What matters is why it failed, not whether its remains could be removed.
        let _ = delete(path);
    }
    copied
}

fn fill(reader: &mut Reader, mut file: File) -> Result<()> {
    while let Some(piece) = reader.next()? {
        file.write_all(&piece).map_err(Error::File)?;
    }
    Ok(())
}
