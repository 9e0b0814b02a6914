//! An image file as an object of a document, without unpacking it.

use domain::page::ImageFormat;
use lopdf::dictionary;

use crate::encode::Encoded;
use crate::error::Error;
use crate::output::{Number, Output};

/// Eight bytes of signature, then chunks of a length, a name, data and a checksum.
const SIGNATURE: usize = 8;
const START_OF_FRAME: [u8; 13] = [
    0xc0, 0xc1, 0xc2, 0xc3, 0xc5, 0xc6, 0xc7, 0xc9, 0xca, 0xcb, 0xcd, 0xce, 0xcf,
];

/// Writes the image.
pub(crate) fn write(image: Encoded, output: &mut Output<'_>) -> Result<Number, Error> {
    let mut entries = dictionary! {
        "Type" => "XObject",
        "Subtype" => "Image",
        "Width" => image.width,
        "Height" => image.height,
    };
    match image.format {
        ImageFormat::Jpeg => {
            let space = jpeg_colours(&image.bytes).and_then(space).ok_or(Error::Encode)?;
            entries.set("ColorSpace", space);
            entries.set("BitsPerComponent", 8);
            entries.set("Filter", "DCTDecode");
            output.add_stream(entries, image.bytes)
        }
        ImageFormat::Png => {
            let png = Png::read(&image.bytes).ok_or(Error::Encode)?;
            entries.set("ColorSpace", space(png.colours).ok_or(Error::Encode)?);
            entries.set("BitsPerComponent", png.bits);
            entries.set("Filter", "FlateDecode");
            let rows = dictionary! {
                "Predictor" => 15,
                "Colors" => png.colours,
                "BitsPerComponent" => png.bits,
                "Columns" => image.width,
            };
            entries.set("DecodeParms", rows);
            output.add_stream(entries, png.data)
        }
    }
}

fn space(colours: u8) -> Option<&'static str> {
    match colours {
        1 => Some("DeviceGray"),
        3 => Some("DeviceRGB"),
        _ => None,
    }
}

/// How many colours the frame of a JPEG says it has.
fn jpeg_colours(file: &[u8]) -> Option<u8> {
    let mut rest = file.get(2..)?;
    loop {
        let [0xff, marker, high, low] = *rest.first_chunk::<4>()? else {
            return None;
        };
        let length = usize::from(u16::from_be_bytes([high, low]));
        if START_OF_FRAME.contains(&marker) {
            // Length, precision, height and width come first.
            return rest.get(9).copied();
        }
        rest = rest.get(2 + length..)?;
    }
}

/// What a PNG has in common with a picture of a document: rows packed with zlib, each with its own filter.
struct Png {
    colours: u8,
    bits: u8,
    data: Vec<u8>,
}

impl Png {
    /// `None` for what our encoder does not write: palettes, transparency, interlacing.
    fn read(file: &[u8]) -> Option<Self> {
        let mut rest = file.get(SIGNATURE..)?;
        let (mut colours, mut bits, mut data) = (None, None, Vec::new());
        while let Some(head) = rest.first_chunk::<8>() {
            let [a, b, c, d, name @ ..] = *head;
            let length = usize::try_from(u32::from_be_bytes([a, b, c, d])).ok()?;
            let body = rest.get(8..8_usize.checked_add(length)?)?;
            match &name {
                b"IHDR" => {
                    bits = body.get(8).copied();
                    colours = match (body.get(9)?, body.get(12)?) {
                        (0, 0) => Some(1),
                        (2, 0) => Some(3),
                        _ => None,
                    };
                }
                b"IDAT" => data.extend_from_slice(body),
                _ => {}
            }
            rest = rest.get(12_usize.checked_add(length)?..)?;
        }
        Some(Self {
            colours: colours?,
            bits: bits?,
            data,
        })
    }
}
