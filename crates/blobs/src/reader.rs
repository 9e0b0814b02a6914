//! Reads an object in pieces and checks it against its digest.
//!
//! The size is known beforehand, so the last piece is known as such and is only given out when the digest is right.

use std::fs::File;
use std::io::Read as _;

use bytes::Bytes;
use domain::Digest;
use domain::digest::Hasher;

use crate::disk::Disk;
use crate::{Error, Result};

/// Large enough that a trip to the blocking pool is worth it.
pub(crate) const PIECE: u64 = 256 * 1024;

/// An object being read. It blocks.
pub(crate) struct Reader {
    digest: Digest,
    file: File,
    size: u64,
    left: u64,
    hasher: Hasher,
}

impl Reader {
    pub(crate) fn open(disk: &Disk, digest: Digest) -> Result<Self> {
        let file = disk.read(&digest).map_err(|error| Error::read(digest, error))?;
        let size = file.metadata().map_err(Error::Read)?.len();
        if size == 0 {
            return Err(Error::Corrupt(digest));
        }
        Ok(Self {
            digest,
            file,
            size,
            left: size,
            hasher: Hasher::default(),
        })
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// The next piece; `None` after the last.
    pub(crate) fn next(&mut self) -> Result<Option<Bytes>> {
        let wanted = self.left.min(PIECE);
        if wanted == 0 {
            return Ok(None);
        }
        let mut piece = Vec::with_capacity(usize::try_from(wanted).unwrap_or_default());
        let read = (&mut self.file)
            .take(wanted)
            .read_to_end(&mut piece)
            .map_err(Error::Read)?;
        self.hasher.update(&piece);
        self.left -= wanted;
        let whole = u64::try_from(read) == Ok(wanted);
        if whole && (self.left > 0 || std::mem::take(&mut self.hasher).finish() == self.digest) {
            Ok(Some(piece.into()))
        } else {
            Err(Error::Corrupt(self.digest))
        }
    }
}
