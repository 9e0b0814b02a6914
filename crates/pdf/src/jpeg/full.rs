//! A picture unpacked completely, for those that the quick way does not understand.

use std::io::Cursor;

use zune_jpeg::JpegDecoder;
use zune_jpeg::zune_core::colorspace::ColorSpace;
use zune_jpeg::zune_core::options::DecoderOptions;

use crate::raster::{Channels, Raster};
use crate::rendering::Size;

/// As much as a JPEG can have.
const MAX_LENGTH: usize = 65_535;

/// The whole picture, if it has the size and the colours it is said to have.
pub(crate) fn full(file: &[u8], size: Size, channels: Channels) -> Option<Raster> {
    let colours = match channels {
        Channels::Gray => ColorSpace::Luma,
        Channels::Rgb => ColorSpace::RGB,
    };
    let options = DecoderOptions::default()
        .jpeg_set_out_colorspace(colours)
        .set_max_width(MAX_LENGTH)
        .set_max_height(MAX_LENGTH);
    let mut decoder = JpegDecoder::new_with_options(Cursor::new(file), options);
    let pixels = decoder.decode().ok()?;
    let expected = usize::try_from(size.pixels())
        .ok()?
        .checked_mul(channels.bytes())?;
    (pixels.len() == expected).then_some(Raster {
        size,
        channels,
        pixels,
    })
}
