//! Reads an object in pieces and checks it against its digest.
//!
//! The size is known beforehand, so the last piece is known as such and is only given out when the digest is right.

use std::fs::File;
use std::io::Read as _;

use bytes::Bytes;
use domain::Digest;
use domain::digest::Hasher;

use crate::disk::Disk;
use crate::download::Download;
use crate::storage::blocking;
use crate::{Error, Result};

/// Large enough that a trip to the blocking pool is worth it.
pub(crate) const PIECE: u64 = 256 * 1024;

/// An object being read.
pub(crate) enum Reader {
    File(FileReader),
    Download(Download),
}

impl Reader {
    pub(crate) fn size(&self) -> u64 {
        match self {
            Self::File(reader) => reader.check.size,
            Self::Download(download) => download.size(),
        }
    }

    /// The next piece, and the reader for what follows; `None` after the last.
    pub(crate) async fn next(self) -> Result<Option<(Bytes, Self)>> {
        match self {
            Self::File(mut reader) => {
                blocking(move || Ok(reader.next()?.map(|piece| (piece, Self::File(reader))))).await
            }
            Self::Download(mut download) => {
                let piece = download.next().await?;
                Ok(piece.map(|piece| (piece, Self::Download(download))))
            }
        }
    }
}

/// A file being read. It blocks.
pub(crate) struct FileReader {
    file: File,
    check: Check,
}

impl FileReader {
    pub(crate) fn open(disk: &Disk, digest: Digest) -> Result<Self> {
        let file = disk.read(&digest).map_err(|error| Error::read(digest, error))?;
        let size = file.metadata().map_err(Error::Read)?.len();
        Ok(Self {
            file,
            check: Check::new(digest, size)?,
        })
    }

    fn next(&mut self) -> Result<Option<Bytes>> {
        let wanted = self.check.wanted();
        if wanted == 0 {
            return Ok(None);
        }
        let mut piece = Vec::with_capacity(usize::try_from(wanted).unwrap_or_default());
        (&mut self.file)
            .take(wanted)
            .read_to_end(&mut piece)
            .map_err(Error::Read)?;
        self.check.pass(piece.into()).map(Some)
    }
}

/// Whether what is read is the object.
pub(crate) struct Check {
    digest: Digest,
    pub(crate) size: u64,
    left: u64,
    hasher: Hasher,
}

impl Check {
    pub(crate) fn new(digest: Digest, size: u64) -> Result<Self> {
        if size == 0 {
            return Err(Error::Corrupt(digest));
        }
        Ok(Self {
            digest,
            size,
            left: size,
            hasher: Hasher::default(),
        })
    }

    /// How long the next piece has to be; nothing after the last.
    pub(crate) fn wanted(&self) -> u64 {
        self.left.min(PIECE)
    }

    /// Lets the next piece through, if it is as long as it has to be, and the last one if all is right.
    pub(crate) fn pass(&mut self, piece: Bytes) -> Result<Bytes> {
        let wanted = self.wanted();
        self.hasher.update(&piece);
        self.left -= wanted;
        let whole = u64::try_from(piece.len()) == Ok(wanted);
        if whole && (self.left > 0 || std::mem::take(&mut self.hasher).finish() == self.digest) {
            Ok(piece)
        } else {
            Err(Error::Corrupt(self.digest))
        }
    }
}
