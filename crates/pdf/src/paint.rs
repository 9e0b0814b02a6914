//! The general way to the pixels of a page: the engine interprets its content.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hayro::hayro_interpret::{InterpreterSettings, InterpreterWarning};
use hayro::hayro_syntax::page::Page;
use hayro::vello_cpu::color::palette::css::WHITE;
use hayro::{PixmapSettings, RenderCache, RenderSettings};

use crate::error::Error;
use crate::raster::Raster;
use crate::rendering::Size;

/// A painted page.
pub(crate) struct Painting {
    pub(crate) raster: Raster,
    /// An image of the page could not be decoded and is missing.
    pub(crate) incomplete: bool,
}

/// Paints a page on white paper, this large.
pub(crate) fn paint(page: &Page<'_>, size: Size) -> Result<Painting, Error> {
    let length = |pixels: u32| u16::try_from(pixels).map_err(|_cause| Error::PageTooLarge);
    let (width, height) = (length(size.width)?, length(size.height)?);
    let (points_wide, points_high) = page.render_dimensions();
    let missing = Arc::new(AtomicBool::new(false));
    let sink = Arc::clone(&missing);
    let settings = InterpreterSettings {
        warning_sink: Arc::new(move |warning| {
            if matches!(warning, InterpreterWarning::ImageDecodeFailure) {
                sink.store(true, Ordering::Relaxed);
            }
        }),
        ..InterpreterSettings::default()
    };
    // The engine cuts off fractions of a pixel; a hundredth more keeps the last row and column.
    let pixmap = hayro::render(
        page,
        &RenderCache::new(),
        &settings,
        &RenderSettings::default(),
        &PixmapSettings {
            x_scale: (f32::from(width) + 0.01) / points_wide,
            y_scale: (f32::from(height) + 0.01) / points_high,
            bg_color: WHITE,
        },
    );
    if (pixmap.width(), pixmap.height()) != (width, height) {
        return Err(Error::PageTooLarge);
    }
    let raster = Raster::from_opaque_rgba(size, pixmap.data_as_u8_slice());
    Ok(Painting {
        raster,
        incomplete: missing.load(Ordering::Relaxed),
    })
}
