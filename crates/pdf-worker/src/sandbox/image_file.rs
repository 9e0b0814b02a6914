//! Image files that a child wrote, read with the suspicion they deserve.

use std::io;
use std::path::{Path, PathBuf};

use domain::page::ImageFormat;
use rustix::fs::OFlags;
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::cause::{Cause, ChildError};

/// A finished page.
#[derive(Debug, Clone)]
pub struct PageFile {
    /// Which page, counted from 0. Pages come in order, without a gap.
    pub index: u32,
    /// Size and rotation.
    pub info: pdf::PageInfo,
    /// For reading and annotating.
    pub display: ImageFile,
    /// For overviews.
    pub thumbnail: ImageFile,
    /// The same two without the identity zone, if it is on this page.
    pub redacted: Option<(ImageFile, ImageFile)>,
    /// The part that says who wrote the copy, of the first page.
    pub identity: Option<ImageFile>,
}

/// An image that waits in the job directory.
#[derive(Debug, Clone)]
pub struct ImageFile {
    pub(super) path: PathBuf,
    pub(super) limit: u64,
    /// How it is encoded.
    pub format: ImageFormat,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

impl ImageFile {
    /// Reads the file. What is not a plain file of bounded size that begins like an image of its format is refused.
    pub async fn read(&self) -> Result<Vec<u8>, ChildError> {
        let (file, length) = open(&self.path, self.limit).await?;
        let mut bytes = Vec::with_capacity(usize::try_from(length).unwrap_or_default());
        file.take(self.limit)
            .read_to_end(&mut bytes)
            .await
            .map_err(ChildError::parent)?;
        if bytes.starts_with(signature(self.format)) {
            Ok(bytes)
        } else {
            Err(Cause::Protocol.into())
        }
    }

    /// Removes the file: what is stored needs no room here any more.
    pub async fn remove(&self) -> Result<(), ChildError> {
        tokio::fs::remove_file(&self.path)
            .await
            .map_err(ChildError::parent)
    }
}

/// Opens what a child wrote, if it is a plain file of bounded size.
pub(super) async fn open(path: &Path, limit: u64) -> Result<(File, u64), ChildError> {
    let flags =
        i32::try_from((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits()).map_err(|_cause| Cause::Protocol)?;
    let file = tokio::fs::OpenOptions::new()
        .read(true)
        .custom_flags(flags)
        .open(path)
        .await
        .map_err(broken)?;
    let metadata = file.metadata().await.map_err(ChildError::parent)?;
    if !metadata.is_file() || metadata.len() > limit {
        return Err(Cause::Protocol.into());
    }
    Ok((file, metadata.len()))
}

fn broken(error: io::Error) -> ChildError {
    ChildError {
        source: Some(error),
        ..ChildError::from(Cause::Protocol)
    }
}

fn signature(format: ImageFormat) -> &'static [u8] {
    match format {
        ImageFormat::Jpeg => b"\xff\xd8\xff",
        ImageFormat::Png => b"\x89PNG\r\n\x1a\n",
    }
}
