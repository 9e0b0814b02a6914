//! Finished documents as files.

use pdf::Document;

/// A finished document as a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) bytes: Vec<u8>,
    pub(super) pages: u32,
}

impl From<Document<'_>> for Written {
    fn from(document: Document<'_>) -> Self {
        let mut bytes = Vec::new();
        document.write(&mut bytes).unwrap();
        assert_eq!(bytes.len(), document.size());
        Self {
            bytes,
            pages: document.pages,
        }
    }
}
