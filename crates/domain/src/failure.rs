//! Why a job failed, as a closed set. These codes are what the API, the audit trail and the metrics show.

closed_names! {
    /// Why an attempt of a job failed.
    FailureCode {
        /// The document took longer than its wall timer allows.
        Timeout = "timeout",
        /// The document cannot be read as a PDF.
        InvalidPdf = "invalid_pdf",
        /// The document needs a password to be read.
        EncryptedPdf = "encrypted_pdf",
        /// The document has more pages than the limit.
        TooManyPages = "too_many_pages",
        /// A page is larger than the pixel budget, or needs more memory than a document may use.
        PageTooLarge = "page_too_large",
        /// The document has no pages.
        EmptyResult = "empty_result",
        /// Anything else: a lost worker, an unreadable blob, a crash of the child.
        Unknown = "unknown",
    }
}

impl FailureCode {
    /// Whether another attempt could end differently. A broken document stays broken.
    #[must_use]
    pub fn is_retryable(self) -> bool {
        match self {
            Self::Timeout | Self::Unknown => true,
            Self::InvalidPdf
            | Self::EncryptedPdf
            | Self::TooManyPages
            | Self::PageTooLarge
            | Self::EmptyResult => false,
        }
    }
}
