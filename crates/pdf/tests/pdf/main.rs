//! Documents of all kinds, and what becomes of them.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on says so")]

#[cfg(test)]
mod batches;
#[cfg(test)]
mod corrected;
#[cfg(test)]
mod geometry;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod joined;
#[cfg(test)]
mod looks;
#[cfg(test)]
mod readers;
#[cfg(test)]
mod refusals;
#[cfg(test)]
mod scans;
#[cfg(test)]
mod written;

use pdf::{Encoded, Error, Limits, PageImages, Rendering, Source};

/// Every page of a document, at the usual settings.
fn pages(document: Vec<u8>) -> Result<Vec<PageImages>, Error> {
    pages_within(document, Limits::default())
}

fn pages_within(document: Vec<u8>, limits: Limits) -> Result<Vec<PageImages>, Error> {
    let source = Source::open(document, limits)?;
    (0..source.page_count())
        .map(|index| source.rasterize(index, &Rendering::default()))
        .collect()
}

/// The pixels of an image file; its size must be what was said of it.
fn decoded(image: &Encoded) -> image::RgbImage {
    let pixels = image::load_from_memory(&image.bytes).unwrap().to_rgb8();
    assert_eq!((pixels.width(), pixels.height()), (image.width, image.height));
    pixels
}

/// The mean difference between two images of the same size, from 0 to 255.
fn difference(one: &image::RgbImage, other: &image::RgbImage) -> f64 {
    assert_eq!(one.dimensions(), other.dimensions());
    let total: u64 = one
        .as_raw()
        .iter()
        .zip(other.as_raw())
        .map(|(a, b)| u64::from(a.abs_diff(*b)))
        .sum();
    f64::from(u32::try_from(total / 1000).unwrap()) * 1000.0
        / f64::from(u32::try_from(one.as_raw().len()).unwrap())
}
