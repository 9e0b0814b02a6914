//! What the tests share: a store in a place of its own, and looks behind its back.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use blobs::{Blobs, Config, object_name};
use domain::Digest;
use tempfile::TempDir;
use testkit::S3;

pub struct Store {
    pub blobs: Blobs,
    directory: TempDir,
    server: Option<S3>,
}

impl Store {
    /// In a directory.
    pub fn new() -> Self {
        let directory = TempDir::new().unwrap();
        let blobs = Blobs::open(&Config::directory(directory.path().join("blobs"))).unwrap();
        Self {
            blobs,
            directory,
            server: None,
        }
    }

    /// In a bucket that can be looked at behind the server's back.
    pub async fn in_a_bucket() -> Self {
        Self::at(S3::start().await)
    }

    /// In a bucket of the server that the environment names, if it names one.
    pub async fn anywhere() -> Self {
        Self::at(S3::anywhere().await)
    }

    fn at(server: S3) -> Self {
        let directory = TempDir::new().unwrap();
        let blobs = Blobs::open(&server.config(directory.path().join("blobs"))).unwrap();
        Self {
            blobs,
            directory,
            server: Some(server),
        }
    }

    /// One in a directory, and one in a bucket: what a test says of a store has to be so in both.
    pub async fn both() -> [Self; 2] {
        [Self::new(), Self::in_a_bucket().await]
    }

    /// Puts `bytes`, and makes the object a week old.
    pub async fn put_long_ago(&self, bytes: &'static [u8]) -> Digest {
        let digest = self.blobs.put(bytes).await.unwrap().digest;
        make_old(&self.object(&digest));
        digest
    }

    /// The file of an object.
    pub fn object(&self, digest: &Digest) -> PathBuf {
        self.inside(&object_name(digest))
    }

    /// A directory of the store.
    pub fn inside(&self, name: &str) -> PathBuf {
        let in_a_directory = || self.directory.path().join("blobs");
        self.server
            .as_ref()
            .map_or_else(in_a_directory, S3::bucket)
            .join(name)
    }

    /// How many objects are put aside.
    pub fn aside(&self) -> usize {
        fs::read_dir(self.inside("swept")).map_or(0, Iterator::count)
    }

    /// A file that does not belong to the store.
    pub fn beside(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The time, as the file system tells it.
    pub fn now(&self) -> SystemTime {
        let probe = self.beside("probe");
        fs::write(&probe, "now").unwrap();
        modified(&probe)
    }
}

/// Makes a file a week older.
pub fn make_old(path: &Path) {
    let time = modified(path) - Duration::from_hours(7 * 24);
    File::options()
        .write(true)
        .open(path)
        .unwrap()
        .set_modified(time)
        .unwrap();
}

pub fn modified(path: &Path) -> SystemTime {
    fs::metadata(path).unwrap().modified().unwrap()
}

pub fn files_in(directory: &Path) -> usize {
    fs::read_dir(directory).unwrap().count()
}
