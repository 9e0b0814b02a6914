//! Scans: one picture per page, packed in the ways of scanners.

#![expect(clippy::expect_used, reason = "a test that cannot go on says so")]

use std::io::Write;

use fax::{Color, VecWriter, encoder::Encoder};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use korrigo::demo::scans::{Picture, Scan};

use super::book::{Leaf, bind};

const A4: &str = "/MediaBox [0 0 595.276 841.89]";
/// Paints the picture over the whole page.
const FILL: &str = "q 595.276 0 0 841.89 0 0 cm /Im0 Do Q";

/// How the picture of a page is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Filter {
    /// JPEG.
    Dct,
    /// zlib.
    Flate,
    /// Fax, group 4: black and white.
    Ccitt,
}

/// A handwritten copy in colour, the usual case.
///
/// # Panics
/// Not for documents that fit into memory.
#[must_use]
pub fn scan(pages: u32, seed: u64) -> Vec<u8> {
    korrigo::demo::scans::scan(pages, seed).expect("a sheet can be encoded")
}

/// The same in shades of grey.
///
/// # Panics
/// Not for documents that fit into memory.
#[must_use]
pub fn grey_scan(pages: u32, seed: u64) -> Vec<u8> {
    Scan {
        pages,
        seed,
        dpi: 150,
        colour: false,
    }
    .document()
    .expect("a sheet can be encoded")
}

/// The same in black and white, as fax machines and many copiers write it.
#[must_use]
pub fn bilevel_scan(pages: u32, seed: u64) -> Vec<u8> {
    filtered_scan(
        Scan {
            pages,
            seed,
            dpi: 200,
            colour: false,
        },
        Filter::Ccitt,
    )
}

/// A scan whose pictures are packed in the given way.
#[must_use]
pub fn filtered_scan(scan: Scan, filter: Filter) -> Vec<u8> {
    scan_with(scan, filter, "")
}

/// The same with further entries in the dictionary of each page.
#[must_use]
pub fn scan_with(scan: Scan, filter: Filter, entries: &str) -> Vec<u8> {
    let leaves: Vec<Leaf> = scan
        .pictures()
        .map(|picture| Leaf {
            image: Some(pack(&picture, filter)),
            ..Leaf::new(format!("{A4} {entries}"), FILL)
        })
        .collect();
    bind(&leaves, "")
}

fn pack(picture: &Picture, filter: Filter) -> (String, Vec<u8>) {
    let size = format!("/Width {} /Height {}", picture.width, picture.height);
    let space = picture.colour_space();
    match filter {
        Filter::Dct => (
            format!("{size} /ColorSpace {space} /BitsPerComponent 8 /Filter /DCTDecode"),
            picture.jpeg(75).expect("a sheet can be encoded"),
        ),
        Filter::Flate => (
            format!("{size} /ColorSpace {space} /BitsPerComponent 8 /Filter /FlateDecode"),
            deflated(&picture.pixels),
        ),
        Filter::Ccitt => (
            format!(
                "{size} /ColorSpace /DeviceGray /BitsPerComponent 1 /Filter /CCITTFaxDecode \
                 /DecodeParms << /K -1 /Columns {} /Rows {} >>",
                picture.width, picture.height
            ),
            faxed(&picture.clone().grey()),
        ),
    }
}

/// zlib as a PDF wants it.
pub(super) fn deflated(data: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(data).expect("writing to memory succeeds");
    encoder.finish().expect("writing to memory succeeds")
}

fn faxed(picture: &Picture) -> Vec<u8> {
    let mut encoder = Encoder::new(VecWriter::new());
    for row in picture.pixels.chunks(usize::from(picture.width)) {
        let row = row
            .iter()
            .map(|grey| if *grey < 168 { Color::Black } else { Color::White });
        encoder
            .encode_line(row, u32::from(picture.width))
            .expect("writing to memory succeeds");
    }
    encoder.finish().expect("writing to memory succeeds").finish()
}

/// A scan of one page whose picture is this JPEG, of a sheet at 100 dots per inch.
#[must_use]
pub fn scan_of_jpeg(jpeg: &[u8]) -> Vec<u8> {
    let image =
        "/Width 827 /Height 1169 /ColorSpace /DeviceRGB /BitsPerComponent 8 /Filter /DCTDecode".to_owned();
    bind(
        &[Leaf {
            image: Some((image, jpeg.to_vec())),
            ..Leaf::new(A4, FILL)
        }],
        "",
    )
}

/// A scan with a red square painted over the middle of each page.
#[must_use]
pub fn stamped_scan(scan: Scan) -> Vec<u8> {
    let leaves: Vec<Leaf> = scan
        .pictures()
        .map(|picture| Leaf {
            image: Some(pack(&picture, Filter::Dct)),
            ..Leaf::new(A4, format!("{FILL} 1 0 0 rg 250 370 100 100 re f"))
        })
        .collect();
    bind(&leaves, "")
}
