//! What a run reports, and what it leaves to be looked at.

use std::path::PathBuf;

use pdf::Document;
use serde::Serialize;

/// The outcome of a run; its peer reports the same.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Run {
    pub(crate) seconds: f64,
    pub(crate) pages: u32,
    pub(crate) bytes: usize,
}

/// Where files go that somebody wants to look at. Nothing is kept while times are measured.
#[derive(Debug, Clone, Default)]
pub(crate) struct Shelf {
    directory: Option<PathBuf>,
    pages: Option<u32>,
}

impl Shelf {
    /// A directory, and for so many pages there is room in it.
    pub(crate) fn new(arguments: &[String]) -> anyhow::Result<Self> {
        let pages = arguments.get(1).map(|pages| pages.parse());
        Ok(Self {
            directory: arguments.first().map(PathBuf::from),
            pages: pages.transpose()?,
        })
    }

    /// How many pages anybody wants to look at.
    pub(crate) fn pages(&self) -> u32 {
        self.pages.unwrap_or(u32::MAX)
    }

    /// Puts a document there, if there is a place for it.
    pub(crate) fn put_document(&self, name: &str, document: &Document<'_>) -> std::io::Result<()> {
        match &self.directory {
            Some(directory) => document.write(&mut std::fs::File::create(directory.join(name))?),
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
