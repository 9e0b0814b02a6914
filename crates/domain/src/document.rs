//! Corrected documents.

use crate::digest::{Digest, FileSize};

/// A corrected document: the blob and what is known of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Document {
    /// The blob.
    pub digest: Digest,
    /// Its size.
    pub size: FileSize,
    /// How many pages it has, report included.
    pub pages: u32,
}

/// What finalizing a copy makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Documents {
    /// With everything on it.
    pub full: Document,
    /// Without what shows who wrote the copy, where the exam has an identity zone.
    pub anonymous: Option<Document>,
}
