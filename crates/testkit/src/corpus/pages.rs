//! Pages that a program wrote: text, and a marker that shows which way is up.

use korrigo::demo::objects::Objects;
use korrigo::demo::scans::Scan;

use super::book::{Leaf, bind};
use super::scans::{Filter, filtered_scan};

/// Width and height of the marker page in points.
pub const MARKER_SIZE: (u16, u16) = (200, 300);

/// Four squares of 40 points: red in the upper left corner, green in the upper right, blue in the lower left, and
/// none in the lower right, on a page of [`MARKER_SIZE`].
const MARKER: &str = "1 0 0 rg 0 260 40 40 re f 0 1 0 rg 160 260 40 40 re f 0 0 1 rg 0 0 40 40 re f";
const MARKER_BOX: &str = "/MediaBox [0 0 200 300]";
const ENCODED: &str = "/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica \
     /Encoding /WinAnsiEncoding >> >> >>";
const FONT: &str = "/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>";

/// The marker, with further entries in the page's dictionary.
#[must_use]
pub fn marker(entries: &str) -> Vec<u8> {
    bind(&[Leaf::new(format!("{MARKER_BOX} {entries}"), MARKER)], "")
}

/// The marker, turned by each of the angles: whatever a document may say.
#[must_use]
pub fn rotated(angles: &[i32]) -> Vec<u8> {
    let leaf = |angle: &i32| Leaf::new(format!("{MARKER_BOX} /Rotate {angle}"), MARKER);
    bind(&angles.iter().map(leaf).collect::<Vec<_>>(), "")
}

/// The marker of which only the upper left quarter shows: 100 by 150 points.
#[must_use]
pub fn cropped() -> Vec<u8> {
    marker("/CropBox [0 150 100 300]")
}

/// The marker with a crop box that lies beside the page.
#[must_use]
pub fn crop_outside() -> Vec<u8> {
    marker("/CropBox [1000 1000 1100 1100]")
}

/// The marker in a unit of two points: 400 by 600 points.
#[must_use]
pub fn large_unit() -> Vec<u8> {
    marker("/UserUnit 2")
}

/// The marker, with its boxes and its rotation by 90 degrees on the node above the page.
#[must_use]
pub fn inherited() -> Vec<u8> {
    bind(&[Leaf::new("", MARKER)], "/MediaBox [0 0 200 300] /Rotate 90")
}

/// The marker, whose content saves states that it never restores and restores some that it never saved.
#[must_use]
pub fn unbalanced() -> Vec<u8> {
    let content = format!("Q Q q 2 0 0 2 30 30 cm q 0.5 0 0 0.5 -15 -15 cm {MARKER}");
    bind(&[Leaf::new(MARKER_BOX, content)], "")
}

/// A page whose only content is on a layer, object 5. `usual` says in the catalog whether it is shown.
#[must_use]
pub fn layered(usual: &str) -> Vec<u8> {
    let mut objects = Objects::default();
    let layers = format!("/OCProperties << /OCGs [5 0 R] /D << {usual} >> >>");
    let catalog = objects.add(format!("<< /Type /Catalog /Pages 2 0 R {layers} >>"));
    objects.add("<< /Type /Pages /Kids [3 0 R] /Count 1 >>");
    objects.add(format!(
        "<< /Type /Page /Parent 2 0 R {MARKER_BOX} /Contents 4 0 R /Resources << /Properties << /L 5 0 R >> >> >>"
    ));
    objects.stream("", format!("/OC /L BDC {MARKER} EMC").as_bytes());
    objects.add("<< /Type /OCG /Name (Grille) >>");
    objects.finish(&format!("/Root {catalog} 0 R"))
}

/// Printed A4 pages; page `n`, counted from 1, says so.
#[must_use]
pub fn text(pages: u32) -> Vec<u8> {
    let leaf = |number: u32| {
        let lines: Vec<String> = (1..=40)
            .map(|line| format!("(Page {number}, line {line} of an invented text) ' "))
            .collect();
        let lines = lines.concat();
        let content = format!("BT /F1 12 Tf 18 TL 60 780 Td {lines} ET");
        Leaf::new(format!("/MediaBox [0 0 595 842] {FONT}"), content)
    };
    bind(&(1..=pages).map(leaf).collect::<Vec<_>>(), "")
}

/// A printed A4 page that is unlike those with other marks, though nobody sees it.
#[must_use]
pub fn marked(mark: &str) -> Vec<u8> {
    let mut document = text(1);
    document.extend(format!("\n%% {mark}\n").into_bytes());
    document
}

/// A printed A4 page with these lines at its top, where pupils write who they are. Letters beyond ASCII are those of
/// Windows.
#[must_use]
pub fn header(lines: &[&str]) -> Vec<u8> {
    let octal = |letter: char| match u32::from(letter) {
        code @ 128..256 => format!("\\{code:03o}"),
        _ => letter.to_string(),
    };
    let lines = lines.iter().map(|line| {
        let line: String = line.chars().map(octal).collect();
        format!("({line}) ' ")
    });
    let lines: String = lines.collect();
    let content = format!("BT /F1 16 Tf 28 TL 60 800 Td {lines} ET");
    bind(
        &[Leaf::new(format!("/MediaBox [0 0 595 842] {ENCODED}"), content)],
        "",
    )
}

/// A colour scan that is not packed as a JPEG.
#[must_use]
pub fn photograph() -> Vec<u8> {
    filtered_scan(
        Scan {
            pages: 1,
            seed: 5,
            dpi: 72,
            colour: true,
        },
        Filter::Flate,
    )
}
