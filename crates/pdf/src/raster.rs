//! Pixels of a page on their way to an image: gray or RGB, eight bits, no padding.

use std::ops::Range;

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
    pub(crate) fn blank(&mut self, area: [f64; 4]) {
        let bytes = self.channels.bytes();
        let (columns, rows) = self.within(area);
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

    /// The pixels of a rectangle, given in the same way, also those that are only partly inside.
    pub(crate) fn cropped(&self, area: [f64; 4]) -> Result<Self, Error> {
        let bytes = self.channels.bytes();
        let (columns, rows) = self.within(area);
        let inside = columns.start * bytes..columns.end * bytes;
        let stride = number::length(self.size.width) * bytes;
        let lines = self.pixels.chunks_exact(stride).skip(rows.start).take(rows.len());
        let pixels = lines.flat_map(|row| row.get(inside.clone()).unwrap_or_default());
        let side = |span: &Range<usize>| u32::try_from(span.len()).map_err(|_cause| Error::Encode);
        Ok(Self {
            size: Size {
                width: side(&columns)?,
                height: side(&rows)?,
            },
            channels: self.channels,
            pixels: pixels.copied().collect(),
        })
    }

    /// The columns and rows that a rectangle touches.
    fn within(&self, [x, y, width, height]: [f64; 4]) -> (Range<usize>, Range<usize>) {
        let span = |start: f64, long: f64, side: u32| {
            let (start, end) = (start * f64::from(side), (start + long) * f64::from(side));
            let end = number::at_least(end).unwrap_or(side).min(side);
            number::whole_part(start)..number::length(end)
        };
        (span(x, width, self.size.width), span(y, height, self.size.height))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_has_every_pixel_that_it_touches() {
        let raster = Raster {
            size: Size { width: 4, height: 3 },
            channels: Channels::Gray,
            pixels: (0..12).collect(),
        };
        let part = |area| {
            let part = raster.cropped(area).unwrap();
            (part.size.width, part.size.height, part.pixels)
        };
        assert_eq!(part([0.0, 0.0, 1.0, 1.0]), (4, 3, (0..12).collect()));
        assert_eq!(part([0.3, 0.0, 0.4, 0.333_333]), (2, 1, vec![1, 2]));
        assert_eq!(part([0.75, 0.5, 0.25, 0.5]), (1, 2, vec![7, 11]));
        assert_eq!(
            part([0.999_999, 0.999_999, 0.000_001, 0.000_001]),
            (1, 1, vec![11])
        );
    }
}
