//! Takes objects from one store to another, and looks whether they are what they were.

use domain::{Digest, FileSize};
use futures::TryStreamExt as _;

use crate::{Blobs, Error, Result};

impl Blobs {
    /// Copies an object to `other`, where it is on the disk when this returns. A damaged one arrives nowhere.
    pub async fn copy_into(&self, digest: Digest, other: &Self) -> Result<FileSize> {
        let (size, mut pieces) = self.stream(digest).await?;
        let mut upload = other.begin().await?;
        while let Some(piece) = pieces.try_next().await? {
            upload.write(piece).await?;
        }
        let stored = upload.finish().await?;
        if (stored.digest, stored.size) == (digest, size) {
            Ok(size)
        } else {
            Err(Error::Corrupt(digest))
        }
    }

    /// Reads an object to its end, and gives its size.
    pub async fn check(&self, digest: Digest) -> Result<FileSize> {
        let (size, mut pieces) = self.stream(digest).await?;
        while pieces.try_next().await?.is_some() {}
        Ok(size)
    }
}
