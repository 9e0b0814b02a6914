//! Where objects are kept.

use std::path::{Path, PathBuf};

use domain::secret::Secret;

/// What a store of objects is opened with.
#[derive(Debug, Clone)]
pub struct Config {
    /// A directory of this machine, which is made if it is missing. Objects are kept in it; with a bucket, only those
    /// that are on their way there.
    pub directory: PathBuf,
    /// Where objects are kept instead.
    pub bucket: Option<S3>,
}

/// A bucket of a storage that speaks S3.
#[derive(Debug, Clone)]
pub struct S3 {
    /// Where the storage is: `https://host:port`.
    pub url: String,
    /// The name of the bucket. It has to be there.
    pub bucket: String,
    /// The region that requests are signed for.
    pub region: String,
    /// The name of the key.
    pub key_id: Secret,
    /// The key.
    pub secret: Secret,
}

impl Config {
    /// Objects in a directory of this machine.
    #[must_use]
    pub fn directory(path: impl AsRef<Path>) -> Self {
        Self {
            directory: path.as_ref().to_owned(),
            bucket: None,
        }
    }
}
