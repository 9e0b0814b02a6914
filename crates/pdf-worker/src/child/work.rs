//! The job of the child: every page of the document as two files.

use std::fs;

use domain::FailureCode;
use pdf::{Encoded, Limits, Rendering, Source};

use super::main::say;
use crate::sandbox::protocol::{INPUT, Line, Order, PageLine, Purpose, file_name};

/// Processes the document and returns the last line.
pub(super) fn work(order: &Order) -> Line {
    match pages(order) {
        Ok(()) => Line::Done,
        Err(code) => Line::Failed {
            code: code.to_string(),
        },
    }
}

fn pages(order: &Order) -> Result<(), FailureCode> {
    let limits = Limits {
        max_pages: order.max_pages,
        max_pixels_per_page: order.max_pixels_per_page,
        max_decoded_bytes: order.max_decoded_bytes,
    };
    let rendering = Rendering {
        dpi: order.dpi,
        max_display_pixels: order.max_display_pixels,
        max_passed_on_bytes: order.max_passed_on_bytes,
        thumbnail_px: order.thumbnail_px,
    };
    let document = fs::read(INPUT).map_err(|_cause| FailureCode::Unknown)?;
    let source = Source::open(document, limits).map_err(pdf::Error::failure_code)?;
    tell(&Line::Opened {
        pages: source.page_count(),
    })?;
    for index in 0..source.page_count() {
        let images = source
            .rasterize(index, &rendering)
            .map_err(pdf::Error::failure_code)?;
        write(index, Purpose::Display, &images.display)?;
        write(index, Purpose::Thumbnail, &images.thumbnail)?;
        tell(&Line::Page(PageLine::new(index, &images)))?;
    }
    Ok(())
}

fn tell(line: &Line) -> Result<(), FailureCode> {
    say(line).map_err(|_cause| FailureCode::Unknown)
}

fn write(index: u32, purpose: Purpose, image: &Encoded) -> Result<(), FailureCode> {
    fs::write(file_name(index, purpose), &image.bytes).map_err(|_cause| FailureCode::Unknown)
}
