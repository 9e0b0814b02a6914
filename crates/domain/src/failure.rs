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
        /// The machine that does the work has no program that reads what people write.
        OcrUnavailable = "ocr_unavailable",
        /// Reading what people write took longer than its wall timer allows.
        OcrTimeout = "ocr_timeout",
        /// What people wrote could not be read for another reason.
        OcrFailed = "ocr_failed",
        /// Anything else: a lost worker, an unreadable blob, a crash of the child.
        Unknown = "unknown",
    }
}

impl FailureCode {
    /// Whether it is about reading what people write, and about no document.
    #[must_use]
    pub fn is_of_reading(self) -> bool {
        match self {
            Self::OcrUnavailable | Self::OcrTimeout | Self::OcrFailed => true,
            Self::Timeout
            | Self::InvalidPdf
            | Self::EncryptedPdf
            | Self::TooManyPages
            | Self::PageTooLarge
            | Self::EmptyResult
            | Self::Unknown => false,
        }
    }

    /// Whether another attempt could end differently. A broken document stays broken, and
    /// nobody installs a program meanwhile.
    #[must_use]
    pub fn is_retryable(self) -> bool {
        match self {
            Self::Timeout | Self::OcrTimeout | Self::OcrFailed | Self::Unknown => true,
            Self::InvalidPdf
            | Self::EncryptedPdf
            | Self::TooManyPages
            | Self::PageTooLarge
            | Self::EmptyResult
            | Self::OcrUnavailable => false,
        }
    }
}
