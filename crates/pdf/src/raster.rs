//! Pixels of a page on their way to an image: gray or RGB, eight bits, no padding.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::error::Error;
use crate::number;
use crate::rendering::Size;

/// What is left of pixels that are taken away: a grey that no paper has.
const BLANK: u8 = 0xc8;

/// How many bytes a pixel has and what they mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Channels {
    Gray,
    Rgb,
}

impl Channels {
    pub(crate) fn bytes(self) -> usize {
        match self {
            Self::Gray => 1,
            Self::Rgb => 3,
        }
    }

    fn pixel_type(self) -> PixelType {
        match self {
            Self::Gray => PixelType::U8,
            Self::Rgb => PixelType::U8x3,
        }
    }
}

/// An image in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Raster {
    pub(crate) size: Size,
    pub(crate) channels: Channels,
    pub(crate) pixels: Vec<u8>,
}

impl Raster {
    /// Drops the alpha of opaque RGBA pixels, and the colour too when there is none.
    pub(crate) fn from_opaque_rgba(size: Size, rgba: &[u8]) -> Self {
        let (pixels, _) = rgba.as_chunks::<4>();
        if pixels
            .iter()
            .all(|[red, green, blue, _]| red == green && green == blue)
        {
            let pixels = pixels.iter().map(|[gray, ..]| *gray).collect();
            return Self {
                size,
                channels: Channels::Gray,
                pixels,
            };
        }
        let pixels = pixels
            .iter()
            .flat_map(|[red, green, blue, _]| [*red, *green, *blue])
            .collect();
        Self {
            size,
            channels: Channels::Rgb,
            pixels,
        }
    }

    /// Takes the pixels of a rectangle away, given as fractions of the picture: x, y, width, height. A pixel that is
    /// partly inside is gone too.
    pub(crate) fn blank(&mut self, [x, y, width, height]: [f64; 4]) {
        let span = |start: f64, long: f64, side: u32| {
            let (start, end) = (start * f64::from(side), (start + long) * f64::from(side));
            let end = number::at_least(end).unwrap_or(side).min(side);
            number::whole_part(start)..number::length(end)
        };
        let bytes = self.channels.bytes();
        let (columns, rows) = (span(x, width, self.size.width), span(y, height, self.size.height));
        let inside = columns.start * bytes..columns.end * bytes;
        let stride = number::length(self.size.width) * bytes;
        for (index, row) in self.pixels.chunks_exact_mut(stride).enumerate() {
            if rows.contains(&index)
                && let Some(part) = row.get_mut(inside.clone())
            {
                part.fill(BLANK);
            }
        }
    }

    /// The same picture with its longer side `longest` pixels long; smaller pictures stay as they are.
    pub(crate) fn thumbnail(&self, longest: u16) -> Result<Self, Error> {
        self.resized(self.size.within(u32::from(longest)))
    }

    /// The same picture in another size.
    pub(crate) fn resized(&self, size: Size) -> Result<Self, Error> {
        if size == self.size {
            Ok(self.clone())
        } else {
            shrink(self.size, self.channels, &self.pixels, None, size)
        }
    }
}

/// Scales pixels, every one of them weighing in. With a `part`, only so much of them, from the upper left corner on.
pub(crate) fn shrink(
    from: Size,
    channels: Channels,
    pixels: &[u8],
    part: Option<(f64, f64)>,
    to: Size,
) -> Result<Raster, Error> {
    let kind = channels.pixel_type();
    let source = ImageRef::new(from.width, from.height, pixels, kind).map_err(|_cause| Error::Encode)?;
    let mut target = Image::new(to.width, to.height, kind);
    let mut options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(FilterType::Box))
        .use_alpha(false);
    if let Some((width, height)) = part {
        options = options.crop(0.0, 0.0, width, height);
    }
    Resizer::new()
        .resize(&source, &mut target, &options)
        .map_err(|_cause| Error::Encode)?;
    Ok(Raster {
        size: to,
        channels,
        pixels: target.into_vec(),
    })
}
