//! What a run reports, and what it leaves to be looked at.

use std::fs::File;
use std::path::PathBuf;

use pdf::Document;
use rustix::fs::{FallocateFlags, fallocate};
use serde::Serialize;

/// The outcome of a run; its peer reports the same.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Run {
    pub(crate) seconds: f64,
    pub(crate) pages: u32,
    pub(crate) bytes: usize,
}

/// Where documents and images go, if they are to be kept.
#[derive(Debug)]
pub(crate) struct Shelf {
    directory: Option<PathBuf>,
}

impl Shelf {
    /// A directory, if one is named.
    pub(crate) fn new(arguments: &[String]) -> Self {
        Self {
            directory: arguments.first().map(PathBuf::from),
        }
    }

    /// Puts a document there, if there is a place for it.
    pub(crate) fn put_document(&self, name: &str, document: &Document<'_>) -> std::io::Result<()> {
        match &self.directory {
            Some(directory) => {
                let mut file = File::create(directory.join(name))?;
                let size = u64::try_from(document.size()).unwrap_or_default();
                // As the child of a worker does it.
                let _ = fallocate(&file, FallocateFlags::empty(), 0, size);
                document.write(&mut file)
            }
            None => Ok(()),
        }
    }

    /// Puts a file there, if there is a place for it.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        match &self.directory {
            Some(directory) => std::fs::write(directory.join(name), bytes),
            None => Ok(()),
        }
    }
}
