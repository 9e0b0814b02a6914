//! Reads an object of a bucket in pieces: it arrives in pieces of any size.

use std::io;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use domain::Digest;
use futures::TryStreamExt as _;
use futures::stream::BoxStream;
use tokio::time::timeout;

use crate::bucket::Bucket;
use crate::reader::Check;
use crate::{Error, Result};

/// How long the next bytes may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// An object that arrives.
pub(crate) struct Download {
    arriving: BoxStream<'static, io::Result<Bytes>>,
    /// What is here and not yet given out.
    here: BytesMut,
    check: Check,
}

impl Download {
    pub(crate) async fn begin(bucket: &Bucket, digest: Digest) -> Result<Self> {
        let (size, arriving) = bucket
            .read(&digest)
            .await
            .map_err(|error| Error::read(digest, error))?;
        Ok(Self {
            arriving,
            here: BytesMut::new(),
            check: Check::new(digest, size)?,
        })
    }

    pub(crate) fn size(&self) -> u64 {
        self.check.size
    }

    /// The next piece; `None` after the last.
    pub(crate) async fn next(&mut self) -> Result<Option<Bytes>> {
        let wanted = usize::try_from(self.check.wanted()).unwrap_or(usize::MAX);
        if wanted == 0 {
            return Ok(None);
        }
        while self.here.len() < wanted {
            let arrived = timeout(PATIENCE, self.arriving.try_next()).await;
            match arrived
                .map_err(|late| Error::Read(late.into()))?
                .map_err(Error::Read)?
            {
                Some(bytes) => self.here.extend_from_slice(&bytes),
                None => break,
            }
        }
        let piece = self.here.split_to(wanted.min(self.here.len())).freeze();
        self.check.pass(piece).map(Some)
    }
}
