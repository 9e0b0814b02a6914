//! From pixels to image files.

use domain::page::ImageFormat;

use crate::error::Error;
use crate::number;
use crate::raster::{Channels, Raster};
use crate::rendering::Size;

/// With fewer neighbours alike than this, in percent, an image counts as a photograph.
const FLAT_PERCENT: usize = 70;
/// Every so many rows are looked at.
const SAMPLED_ROWS: usize = 4;
const DISPLAY_QUALITY: u8 = 85;
const THUMBNAIL_QUALITY: u8 = 75;

/// An image file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The file.
    pub bytes: Vec<u8>,
    /// How it is encoded.
    pub format: ImageFormat,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Encodes a page: text and drawings without loss, photographs and noisy scans as JPEG.
pub(crate) fn display(raster: &Raster) -> Result<Encoded, Error> {
    if is_photograph(raster) {
        jpeg(raster, DISPLAY_QUALITY)
    } else {
        png(raster)
    }
}

/// Encodes a black and white page that was scaled down: sixteen shades are more than its edges have.
pub(crate) fn bilevel(raster: &Raster) -> Result<Encoded, Error> {
    match raster.channels {
        Channels::Gray => write_png(
            raster,
            png::ColorType::Grayscale,
            png::BitDepth::Four,
            &packed(raster),
        ),
        Channels::Rgb => display(raster),
    }
}

/// Encodes an overview image.
pub(crate) fn thumbnail(raster: &Raster) -> Result<Encoded, Error> {
    jpeg(raster, THUMBNAIL_QUALITY)
}

/// A scanner's JPEG as it is.
pub(crate) fn passed_on(bytes: Vec<u8>, size: Size) -> Encoded {
    Encoded {
        bytes,
        format: ImageFormat::Jpeg,
        width: size.width,
        height: size.height,
    }
}

/// What a program draws is mostly flat: most pixels are like their neighbour. What a camera or a scanner sees is not.
fn is_photograph(raster: &Raster) -> bool {
    let bytes = raster.channels.bytes();
    let stride = number::length(raster.size.width) * bytes;
    let (mut flat, mut all) = (0_usize, 0_usize);
    for row in raster.pixels.chunks_exact(stride).step_by(SAMPLED_ROWS) {
        let neighbours = row.iter().zip(row.iter().skip(bytes));
        flat += neighbours.filter(|(left, right)| left == right).count();
        all += row.len().saturating_sub(bytes);
    }
    flat.saturating_mul(100) < all.saturating_mul(FLAT_PERCENT)
}

fn png(raster: &Raster) -> Result<Encoded, Error> {
    match raster.channels {
        Channels::Gray => write_png(
            raster,
            png::ColorType::Grayscale,
            png::BitDepth::Eight,
            &raster.pixels,
        ),
        Channels::Rgb => write_png(raster, png::ColorType::Rgb, png::BitDepth::Eight, &raster.pixels),
    }
}

/// Two pixels to a byte, each row on its own.
fn packed(raster: &Raster) -> Vec<u8> {
    let sixteenth = |gray: u8| u8::try_from((u16::from(gray) * 15 + 128) >> 8).unwrap_or(15);
    let rows = raster.pixels.chunks_exact(number::length(raster.size.width));
    let pairs = rows.flat_map(|row| row.chunks(2));
    pairs
        .map(|pair| match pair {
            [left, right] => sixteenth(*left) << 4 | sixteenth(*right),
            [left] => sixteenth(*left) << 4,
            _ => 0,
        })
        .collect()
}

fn write_png(
    raster: &Raster,
    colours: png::ColorType,
    depth: png::BitDepth,
    pixels: &[u8],
) -> Result<Encoded, Error> {
    let Size { width, height } = raster.size;
    let mut bytes = Vec::with_capacity(pixels.len() / 4);
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(colours);
    encoder.set_depth(depth);
    encoder.set_compression(png::Compression::Fast);
    // Trying every filter on every row takes longer than everything else, for a tenth of the size.
    encoder.set_filter(match raster.channels {
        Channels::Gray => png::Filter::Up,
        Channels::Rgb => png::Filter::Paeth,
    });
    let mut writer = encoder.write_header().map_err(|_cause| Error::Encode)?;
    writer.write_image_data(pixels).map_err(|_cause| Error::Encode)?;
    writer.finish().map_err(|_cause| Error::Encode)?;
    Ok(Encoded {
        bytes,
        format: ImageFormat::Png,
        width,
        height,
    })
}

fn jpeg(raster: &Raster, quality: u8) -> Result<Encoded, Error> {
    let Size { width, height } = raster.size;
    let side = |length: u32| u16::try_from(length).map_err(|_cause| Error::PageTooLarge);
    let mut bytes = Vec::with_capacity(raster.pixels.len() / 8);
    let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, quality);
    encoder.set_sampling_factor(jpeg_encoder::SamplingFactor::F_2_2);
    let colour = match raster.channels {
        Channels::Gray => jpeg_encoder::ColorType::Luma,
        Channels::Rgb => jpeg_encoder::ColorType::Rgb,
    };
    encoder
        .encode(&raster.pixels, side(width)?, side(height)?, colour)
        .map_err(|_cause| Error::Encode)?;
    Ok(Encoded {
        bytes,
        format: ImageFormat::Jpeg,
        width,
        height,
    })
}
