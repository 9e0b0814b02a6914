//! What can go wrong with objects.

use std::io;

use domain::Digest;

/// Why an object could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no object of this digest.
    #[error("there is no object {0}")]
    NotFound(Digest),
    /// There is one, but its bytes are not those of its digest.
    #[error("the object {0} is damaged")]
    Corrupt(Digest),
    /// No space is left.
    #[error("the storage is full")]
    Full(#[source] io::Error),
    /// An object has at least one byte.
    #[error("an object cannot be empty")]
    Empty,
    /// The directory cannot be used.
    #[error("the storage could not be opened")]
    Open(#[source] io::Error),
    /// An object could not be read.
    #[error("an object could not be read")]
    Read(#[source] io::Error),
    /// An object could not be written.
    #[error("an object could not be written")]
    Write(#[source] io::Error),
    /// The file to read an object from, or to copy one to, could not be used.
    #[error("the file beside the storage could not be used")]
    File(#[source] io::Error),
    /// The objects could not be listed.
    #[error("the objects could not be listed")]
    List(#[source] io::Error),
    /// An object could not be deleted or put aside.
    #[error("an object could not be deleted")]
    Delete(#[source] io::Error),
    /// It could not be found out which objects are referred to.
    #[error("the references to objects could not be asked for")]
    References(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// An upload was used again after an error, or the process is ending.
    #[error("the work was broken off")]
    Interrupted,
}

impl Error {
    /// `source` as what it means for a write.
    pub(crate) fn write(source: io::Error) -> Self {
        if matches!(
            source.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
        ) {
            Self::Full(source)
        } else {
            Self::Write(source)
        }
    }

    /// `source` as what it means for a read of `digest`.
    pub(crate) fn read(digest: Digest, source: io::Error) -> Self {
        if source.kind() == io::ErrorKind::NotFound {
            Self::NotFound(digest)
        } else {
            Self::Read(source)
        }
    }
}
