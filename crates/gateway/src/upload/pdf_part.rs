//! One file on its way into the store: counted, and written only once it has shown the mark of a PDF.

use blobs::{Blobs, Stored, Upload};
use bytes::{Bytes, BytesMut};
use contracts::Code;
use failpoint::Point;

use super::magic;
use crate::blob_failure;

/// A file that is being received. Dropped unfinished, it leaves nothing.
pub(super) struct PdfPart {
    upload: Upload,
    beginning: Option<BytesMut>,
    left: u64,
}

impl PdfPart {
    /// Begins a file of at most `max_bytes`.
    pub(super) async fn begin(blobs: &Blobs, max_bytes: u64) -> Result<Self, Code> {
        let upload = blobs
            .begin()
            .await
            .map_err(|error| blob_failure::report(&error, None))?;
        Ok(Self {
            upload,
            beginning: Some(BytesMut::new()),
            left: max_bytes,
        })
    }

    /// How many bytes came so far.
    pub(super) fn size(&self) -> u64 {
        let held = self.beginning.as_ref().map_or(0, BytesMut::len);
        self.upload
            .size()
            .saturating_add(u64::try_from(held).unwrap_or(u64::MAX))
    }

    /// Takes the next piece.
    pub(super) async fn push(&mut self, piece: Bytes) -> Result<(), Code> {
        let size = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        self.left = self.left.checked_sub(size).ok_or(Code::TooLarge)?;
        match &mut self.beginning {
            None => self.write(&piece).await,
            Some(beginning) => {
                beginning.extend_from_slice(&piece);
                if beginning.len() < magic::WINDOW {
                    Ok(())
                } else {
                    self.release().await
                }
            }
        }
    }

    /// Nothing more comes: checks what came, and makes it durable.
    pub(super) async fn finish(mut self) -> Result<Stored, Code> {
        if self.beginning.as_ref().is_some_and(BytesMut::is_empty) {
            return Err(Code::EmptyFile);
        }
        self.release().await?;
        self.upload
            .finish()
            .await
            .map_err(|error| blob_failure::report(&error, None))
    }

    /// Writes the beginning, if it is a PDF's.
    async fn release(&mut self) -> Result<(), Code> {
        let Some(beginning) = self.beginning.take() else {
            return Ok(());
        };
        if !magic::is_pdf(&beginning) {
            return Err(Code::NotAPdf);
        }
        self.write(&beginning).await
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Code> {
        self.upload
            .write(bytes)
            .await
            .map_err(|error| blob_failure::report(&error, None))?;
        failpoint::reach(Point::UploadPiece);
        Ok(())
    }
}
