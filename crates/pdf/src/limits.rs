//! How much of a document is too much.

/// What a document may ask for. Everything beyond is refused before the work is done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Pages of the document.
    pub max_pages: u32,
    /// Pixels of one page at the resolution asked for.
    pub max_pixels_per_page: u64,
    /// Bytes to which the content of one page may unpack.
    pub max_decoded_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_pages: 500,
            max_pixels_per_page: 100_000_000,
            max_decoded_bytes: 64 * 1024 * 1024,
        }
    }
}
