//! Files that are damaged, unfinished or not what they claim to be.

use korrigo::demo::objects::Objects;

use super::book::{Leaf, bind};
use super::scans::scan;

const PAGE: &str = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 300] /Contents 4 0 R >>";
const SQUARE: &[u8] = b"1 0 0 rg 20 20 160 260 re f";

/// A text that was renamed.
#[must_use]
pub fn not_a_pdf() -> Vec<u8> {
    b"Dear colleagues, please find the scans attached.\n".repeat(20)
}

/// The first half of a scan, as a broken upload leaves it.
#[must_use]
pub fn truncated() -> Vec<u8> {
    let mut file = scan(3, 1);
    file.truncate(file.len() / 2);
    file
}

/// A document that is fine but for having no page.
#[must_use]
pub fn zero_pages() -> Vec<u8> {
    bind(&[], "")
}

/// One page that the tree names three times: three pages to any reader.
#[must_use]
pub fn shared_page() -> Vec<u8> {
    tree("<< /Type /Pages /Kids [3 0 R 3 0 R 3 0 R] /Count 3 >>", PAGE)
}

/// A tree that names a page which is not there.
#[must_use]
pub fn missing_page() -> Vec<u8> {
    tree("<< /Type /Pages /Kids [3 0 R 99 0 R] /Count 2 >>", PAGE)
}

/// A tree that contains itself.
#[must_use]
pub fn cyclic_tree() -> Vec<u8> {
    tree("<< /Type /Pages /Kids [3 0 R 2 0 R] /Count 2 >>", PAGE)
}

/// A node without a type that has both pages below it and a content of its own.
#[must_use]
pub fn two_headed_tree() -> Vec<u8> {
    tree(
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        "<< /Parent 2 0 R /MediaBox [0 0 200 300] /Contents 4 0 R /Kids [] /Count 0 >>",
    )
}

/// A scan whose only picture is not what it claims to be.
#[must_use]
pub fn undecodable_scan() -> Vec<u8> {
    let image =
        "/Width 100 /Height 100 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode".to_owned();
    let leaf = Leaf {
        image: Some((image, b"this is no picture".to_vec())),
        ..Leaf::new("/MediaBox [0 0 595 842]", "q 595 0 0 842 0 0 cm /Im0 Do Q")
    };
    bind(&[leaf], "")
}

/// A document with some of its bytes changed: `changes` are places, taken modulo the length, and new values.
#[must_use]
pub fn mutated(mut document: Vec<u8>, changes: &[(usize, u8)]) -> Vec<u8> {
    let length = document.len().max(1);
    for (place, value) in changes {
        if let Some(byte) = document.get_mut(place % length) {
            *byte = *value;
        }
    }
    document
}

fn tree(node: &str, page: &str) -> Vec<u8> {
    let mut objects = Objects::default();
    let catalog = objects.add("<< /Type /Catalog /Pages 2 0 R >>");
    objects.add(node);
    objects.add(page);
    objects.stream("", SQUARE);
    objects.finish(&format!("/Root {catalog} 0 R"))
}
