//! The pixels of a picture that is not a JPEG: fax, JBIG2, zlib.

use hayro::hayro_syntax::Filter;
use hayro::hayro_syntax::object::stream::ImageDecodeParams;

use super::picture::Picture;
use crate::number;
use crate::raster::{Channels, Raster};
use crate::rendering::Rendering;

/// A picture may have this many times the pixels of the largest display image.
const OVERSAMPLING: u64 = 8;

/// Unpacks the picture. `None` if it is packed in a way that the general way handles as well.
pub(super) fn unpack(picture: &Picture<'_>, rendering: &Rendering) -> Option<Raster> {
    let handled = match picture.filter()? {
        Filter::CcittFaxDecode | Filter::Jbig2Decode | Filter::FlateDecode => true,
        Filter::DctDecode
        | Filter::JpxDecode
        | Filter::LzwDecode
        | Filter::RunLengthDecode
        | Filter::AsciiHexDecode
        | Filter::Ascii85Decode
        | Filter::Crypt => false,
    };
    if !handled || picture.size.pixels() > u64::from(rendering.max_display_pixels) * OVERSAMPLING {
        return None;
    }
    let parameters = ImageDecodeParams {
        is_indexed: false,
        bpc: Some(picture.bits),
        num_components: u8::try_from(picture.channels.bytes()).ok(),
        target_dimension: None,
        width: picture.size.width,
        height: picture.size.height,
    };
    let decoded = picture.stream().decoded_image(&parameters).ok()?;
    let bits = match &decoded.image_data {
        Some(data) if (data.width, data.height) != (picture.size.width, picture.size.height) => return None,
        Some(data) => data.bits_per_component,
        None => picture.bits,
    };
    let mut pixels = match (bits, picture.channels) {
        (8, Channels::Gray | Channels::Rgb) => decoded.data.into_owned(),
        (1, Channels::Gray) => spread(&decoded.data, number::length(picture.size.width)),
        (_, Channels::Gray | Channels::Rgb) => return None,
    };
    // A picture that ends early is for the general way to judge.
    let expected = usize::try_from(picture.size.pixels())
        .ok()?
        .checked_mul(picture.channels.bytes())?;
    if pixels.len() < expected {
        return None;
    }
    pixels.truncate(expected);
    if picture.inverted {
        for channel in &mut pixels {
            *channel = !*channel;
        }
    }
    Some(Raster {
        size: picture.size,
        channels: picture.channels,
        pixels,
    })
}

/// From one bit to one byte a pixel.
fn spread(packed: &[u8], width: usize) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(packed.len() * 8);
    for row in packed.chunks_exact(width.div_ceil(8)) {
        let bits = row
            .iter()
            .flat_map(|byte| (0..8).map(move |bit| if byte << bit & 0x80 == 0 { 0 } else { u8::MAX }));
        pixels.extend(bits.take(width));
    }
    pixels
}
