//! The same picture without what a scanner wrote about it.

use super::header::{Header, Segment};

/// The file without comments, camera data, previews and colour profiles: a reader of the PDF ignores them, a browser
/// would not (it turns the picture and changes its colours), and some of them name the machine and its place.
/// The coded picture stays as it is, byte for byte.
pub(crate) fn without_metadata(header: &Header, file: &[u8]) -> Option<Vec<u8>> {
    let mut clean = Vec::with_capacity(file.len());
    clean.extend_from_slice(&[0xff, 0xd8]);
    for segment in header.segments.iter().filter(|segment| belongs(segment, file)) {
        clean.extend_from_slice(file.get(segment.start..segment.end)?);
    }
    let scans = file.get(header.scan_start()?..)?;
    clean.extend_from_slice(scans.get(..end_of_scans(scans))?);
    clean.extend_from_slice(&[0xff, 0xd9]);
    Some(clean)
}

fn belongs(segment: &Segment, file: &[u8]) -> bool {
    let body = file.get(segment.start + 4..segment.end).unwrap_or_default();
    match segment.marker {
        0xe0 => body.starts_with(b"JFIF\0"),
        0xee => body.starts_with(b"Adobe"),
        0xe1..=0xed | 0xef | 0xfe => false,
        _ => true,
    }
}

/// Where the end marker is, or would be: scanners append things behind it.
fn end_of_scans(scans: &[u8]) -> usize {
    memchr::memmem::find(scans, &[0xff, 0xd9]).unwrap_or(scans.len())
}
