//! How page images should come out.

use crate::error::Error;
use crate::limits::Limits;
use crate::number;

/// Points per inch.
const POINTS: f64 = 72.0;
/// The longest side an image may have.
const MAX_SIDE: f64 = 16_000.0;

/// Resolution and size of the images.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rendering {
    /// Resolution of the display image, in pixels per inch of the page.
    pub dpi: u16,
    /// A display image with more pixels than this is painted at a lower resolution.
    pub max_display_pixels: u32,
    /// A scanner's own JPEG larger than this is packed again.
    pub max_passed_on_bytes: u32,
    /// The longer side of the thumbnail, in pixels.
    pub thumbnail_px: u16,
}

impl Default for Rendering {
    fn default() -> Self {
        Self {
            dpi: 144,
            max_display_pixels: 16_000_000,
            max_passed_on_bytes: 1_500_000,
            thumbnail_px: 240,
        }
    }
}

impl Rendering {
    /// How large a page of so many points becomes.
    pub(crate) fn size(&self, (width, height): (f64, f64), limits: &Limits) -> Result<Size, Error> {
        let scale = f64::from(self.dpi) / POINTS;
        let area = width * height * scale * scale;
        if number::at_least(area).is_none_or(|pixels| u64::from(pixels) > limits.max_pixels_per_page) {
            return Err(Error::PageTooLarge);
        }
        let by_area = (f64::from(self.max_display_pixels) / area).sqrt();
        let by_side = MAX_SIDE / (width.max(height) * scale);
        let scale = scale * by_area.min(by_side).min(1.0);
        let side = |points: f64| number::at_least(points * scale).map(|side| side.max(1));
        side(width)
            .zip(side(height))
            .and_then(|(width, height)| Size::new(width, height))
            .ok_or(Error::PageTooLarge)
    }
}

/// Width and height in pixels; neither is zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Size {
    pub(crate) width: u32,
    pub(crate) height: u32,
}

impl Size {
    /// The smallest there is.
    pub(crate) const PIXEL: Self = Self { width: 1, height: 1 };

    pub(crate) fn new(width: u32, height: u32) -> Option<Self> {
        (width > 0 && height > 0).then_some(Self { width, height })
    }

    pub(crate) fn pixels(self) -> u64 {
        u64::from(self.width) * u64::from(self.height)
    }

    /// The same shape with its longer side no longer than `longest`.
    pub(crate) fn within(self, longest: u32) -> Self {
        let factor = f64::from(longest) / f64::from(self.width.max(self.height));
        if factor >= 1.0 {
            return self;
        }
        let scaled =
            |length: u32| number::nearest(f64::from(length) * factor).map_or(1, |length| length.max(1));
        Self {
            width: scaled(self.width),
            height: scaled(self.height),
        }
    }

    /// Whether the other size has the same proportions, to within a hundredth and a pixel.
    pub(crate) fn has_shape_of(self, other: Self) -> bool {
        let scale = f64::from(self.width) / f64::from(other.width);
        let difference = (f64::from(other.height) * scale - f64::from(self.height)).abs();
        difference <= f64::from(self.height) / 100.0 + scale.max(1.0)
    }
}
