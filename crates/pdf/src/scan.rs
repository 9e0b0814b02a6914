//! The short way for what scanners write: pages whose only visible content is one picture.
//!
//! A picture that fills the page upright is taken out of the document instead of being painted: a JPEG that a browser
//! shows like a reader does is passed on as it is, anything else is unpacked and scaled. What is not plainly such a
//! page, or fails on the way, goes the general way; nothing is decided here that could change what a page looks like.

mod content;
mod picture;
mod unpack;

use std::borrow::Cow;
use std::panic::{AssertUnwindSafe, catch_unwind};

use hayro::hayro_syntax::object::Stream;
use hayro::hayro_syntax::page::Page;

use crate::encode::{self, Encoded};
use crate::jpeg;
use crate::number;
use crate::raster::Raster;
use crate::rendering::{Rendering, Size};
use picture::Picture;

/// A page that shows one picture and nothing else.
pub(crate) struct Scan<'a> {
    image: Stream<'a>,
    /// It fills the page and stands upright.
    fills: bool,
}

/// The two images of a page.
pub(crate) struct Images {
    pub(crate) display: Encoded,
    pub(crate) thumbnail: Encoded,
}

/// Whether the page is a scan, going by what its content does.
pub(crate) fn recognise<'a>(page: &'a Page<'a>) -> Option<Scan<'a>> {
    let (image, fills) = content::only_image(page)?;
    Some(Scan { image, fills })
}

impl Scan<'_> {
    /// The pixels of the page, if the short way leads there: those that [`Scan::images`] shows.
    pub(crate) fn raster(&self, size: Size, rendering: &Rendering) -> Option<Raster> {
        if !self.fills {
            return None;
        }
        let picture = Picture::read(&self.image)?;
        catch_unwind(AssertUnwindSafe(|| {
            let passed_on = || {
                let (_, data) = as_it_is(&picture, size, rendering)?;
                jpeg::full(&data, picture.size, picture.channels)
            };
            passed_on().or_else(|| fitted(&picture, size, rendering))
        }))
        .ok()
        .flatten()
    }

    /// The images of the page, if the short way leads there. `size` is what the general way would paint.
    pub(crate) fn images(&self, size: Size, rendering: &Rendering) -> Option<Images> {
        if !self.fills {
            return None;
        }
        let picture = Picture::read(&self.image)?;
        // A decoder that panics on this picture leaves it to the general way.
        catch_unwind(AssertUnwindSafe(|| {
            passed_on(&picture, size, rendering).or_else(|| scaled(&picture, size, rendering))
        }))
        .ok()
        .flatten()
    }
}

/// The picture is a JPEG that can stay as it is.
fn passed_on(picture: &Picture<'_>, size: Size, rendering: &Rendering) -> Option<Images> {
    let (header, data) = as_it_is(picture, size, rendering)?;
    let whole = || {
        jpeg::full(&data, picture.size, picture.channels)?
            .thumbnail(rendering.thumbnail_px)
            .ok()
    };
    let small = jpeg::thumbnail(&header, &data, rendering.thumbnail_px).or_else(whole)?;
    Some(Images {
        display: encode::passed_on(jpeg::without_metadata(&header, &data)?, picture.size),
        thumbnail: encode::thumbnail(&small).ok()?,
    })
}

/// The file of a picture that a browser shows like a reader does, in a size that suits.
fn as_it_is<'a>(
    picture: &Picture<'a>,
    size: Size,
    rendering: &Rendering,
) -> Option<(jpeg::Header, Cow<'a, [u8]>)> {
    let data = picture.jpeg()?;
    if data.len() > number::length(rendering.max_passed_on_bytes) {
        return None;
    }
    let header = jpeg::Header::read(&data)?;
    let as_described = header.size() == picture.size && header.components() == picture.channels.bytes();
    let fits = picture.size.pixels() <= u64::from(rendering.max_display_pixels);
    (as_described && fits && header.is_shown_alike() && size.has_shape_of(picture.size))
        .then_some((header, data))
}

/// The picture is unpacked and scaled.
fn fitted(picture: &Picture<'_>, size: Size, rendering: &Rendering) -> Option<Raster> {
    let raster = unpack::unpack(picture, rendering)?;
    if !size.has_shape_of(picture.size) {
        return None;
    }
    if picture.size.width > size.width {
        raster.resized(size).ok()
    } else {
        Some(raster)
    }
}

/// The picture is unpacked, scaled and packed again.
fn scaled(picture: &Picture<'_>, size: Size, rendering: &Rendering) -> Option<Images> {
    let raster = fitted(picture, size, rendering)?;
    let thumbnail = raster.thumbnail(rendering.thumbnail_px).ok()?;
    let display = if picture.bits == 1 {
        encode::bilevel(&raster)
    } else {
        encode::display(&raster)
    };
    Some(Images {
        display: display.ok()?,
        thumbnail: encode::thumbnail(&thumbnail).ok()?,
    })
}
