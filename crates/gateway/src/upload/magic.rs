//! The mark of a PDF: `%PDF-` within its first 1024 bytes, as readers accept it.

const MARK: &[u8] = b"%PDF-";

/// How far into the file the mark may end.
pub(super) const WINDOW: usize = 1024;

/// Whether a file that begins so may be a PDF.
pub(super) fn is_pdf(beginning: &[u8]) -> bool {
    let window = beginning.get(..WINDOW).unwrap_or(beginning);
    window.windows(MARK.len()).any(|bytes| bytes == MARK)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_may_stand_anywhere_in_the_first_kilobyte() {
        assert!(is_pdf(b"%PDF-1.7\n"));
        let late = [&vec![b' '; WINDOW - MARK.len()][..], MARK].concat();
        assert!(is_pdf(&late));
        let too_late = [&vec![b' '; WINDOW - MARK.len() + 1][..], MARK].concat();
        assert!(!is_pdf(&too_late));
        assert!(!is_pdf(b"") && !is_pdf(b"%PDF") && !is_pdf(b"PK\x03\x04"));
    }
}
