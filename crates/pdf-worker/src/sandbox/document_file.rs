//! Documents that a child wrote, read with the same suspicion as its images.

use std::path::PathBuf;

use domain::batch::Piece;
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::cause::{Cause, ChildError};
use super::image_file;

const SIGNATURE: &[u8] = b"%PDF-1.";
const PIECE: u64 = 1024 * 1024;

/// A document that waits in the job directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentFile {
    pub(super) path: PathBuf,
    pub(super) limit: u64,
    /// How many pages it has, as the child says.
    pub pages: u32,
}

/// One copy's pages, cut out of a scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BookletFile {
    /// The pages as a document of their own.
    pub document: DocumentFile,
    /// What they are in the scan, in the order of reading.
    pub pieces: Vec<Piece>,
}

impl DocumentFile {
    /// Removes the file: what is stored needs no room here any more.
    pub async fn remove(&self) -> Result<(), ChildError> {
        tokio::fs::remove_file(&self.path)
            .await
            .map_err(ChildError::parent)
    }

    /// Opens the file. What is not a plain file of bounded size is refused.
    pub async fn open(&self) -> Result<Pieces, ChildError> {
        let (file, length) = image_file::open(&self.path, self.limit).await?;
        Ok(Pieces {
            file,
            left: length,
            is_first: true,
        })
    }
}

/// The bytes of a document, one piece after the other.
#[derive(Debug)]
pub struct Pieces {
    file: File,
    left: u64,
    is_first: bool,
}

impl Pieces {
    /// The next piece; empty at the end. What does not begin like a document is refused.
    pub async fn next(&mut self) -> Result<Vec<u8>, ChildError> {
        let mut piece = Vec::new();
        (&mut self.file)
            .take(self.left.min(PIECE))
            .read_to_end(&mut piece)
            .await
            .map_err(ChildError::parent)?;
        if std::mem::take(&mut self.is_first) && !piece.starts_with(SIGNATURE) {
            return Err(Cause::Protocol.into());
        }
        self.left = self
            .left
            .saturating_sub(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        Ok(piece)
    }
}
