//! What an event may say besides who, when and on which copy.

use serde::Serialize;

use crate::digest::{Digest, FileSize};
use crate::failure::FailureCode;
use crate::ids::CopyId;
use crate::page::PageCount;

closed_names! {
    /// What happened. The names are a contract.
    Action {
        /// A source was turned into pages, or could not be.
        Import = "IMPORT",
        /// A person checked the pages.
        Validate = "VALIDATE",
    }
}

/// The metadata of an event: one closed set of keys per action. The database checks the keys again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Metadata {
    /// Of [`Action::Import`].
    Import(Import),
    /// Of [`Action::Validate`].
    Validate {
        /// How many pages were checked.
        pages: u16,
    },
}

/// Metadata of an import.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Import {
    /// The server's own name for the source, `<copy_id>.pdf`. What the client called it is not kept.
    filename: String,
    /// How many pages came out.
    pages: u16,
    /// Whether it worked.
    success: bool,
    /// The SHA-256 of the source.
    sha256: String,
    /// The size of the source.
    bytes: u64,
    /// Which attempt of the job this was.
    attempt: u16,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<FailureCode>,
}

impl Import {
    /// Metadata of an import that worked or failed.
    #[must_use]
    pub fn new(
        copy: CopyId,
        (sha256, size): (Digest, FileSize),
        attempt: u16,
        outcome: Result<PageCount, FailureCode>,
    ) -> Self {
        Self {
            filename: format!("{copy}.pdf"),
            pages: outcome.map_or(0, PageCount::get),
            success: outcome.is_ok(),
            sha256: sha256.to_string(),
            bytes: size.bytes(),
            attempt,
            error_code: outcome.err(),
        }
    }
}

impl Metadata {
    /// The action that this metadata belongs to.
    #[must_use]
    pub fn action(&self) -> Action {
        match self {
            Self::Import(_) => Action::Import,
            Self::Validate { .. } => Action::Validate,
        }
    }
}
