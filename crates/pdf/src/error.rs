//! What can be wrong with a document, and the code that a failed job shows for it.

use domain::FailureCode;

/// Why a document, or a page of it, cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes are not a PDF that can be read.
    #[error("the document cannot be read as a PDF")]
    Invalid,
    /// A password is needed, or a kind of encryption that nobody here can open.
    #[error("the document is encrypted")]
    Encrypted,
    /// The document is fine but has no page.
    #[error("the document has no pages")]
    Empty,
    /// More pages than the limit.
    #[error("the document has too many pages")]
    TooManyPages,
    /// A page is larger than the pixel budget.
    #[error("a page is too large")]
    PageTooLarge,
    /// Something on a page inflates to more than the limit.
    #[error("a page unpacks to too much data")]
    TooMuchData,
    /// A page is in the page tree but is not there, has no area, or its only content cannot be decoded.
    #[error("a page cannot be read")]
    UnreadablePage,
    /// There is no page with this index.
    #[error("the document has no such page")]
    NoSuchPage,
    /// A finished image or stream could not be encoded.
    #[error("a page image cannot be encoded")]
    Encode,
    /// A font that comes with the program could not be used.
    #[error("a font cannot be used")]
    Font,
    /// An object was referred to and never written.
    #[error("the written document is not complete")]
    Incomplete,
}

impl Error {
    /// The code under which a job fails with this error.
    #[must_use]
    pub fn failure_code(self) -> FailureCode {
        match self {
            Self::Invalid | Self::UnreadablePage => FailureCode::InvalidPdf,
            Self::Encrypted => FailureCode::EncryptedPdf,
            Self::Empty => FailureCode::EmptyResult,
            Self::TooManyPages => FailureCode::TooManyPages,
            Self::PageTooLarge | Self::TooMuchData => FailureCode::PageTooLarge,
            Self::NoSuchPage | Self::Encode | Self::Font | Self::Incomplete => FailureCode::Unknown,
        }
    }
}
