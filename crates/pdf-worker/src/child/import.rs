//! Every page of the document as two files, and two more without the identity zone where that is; and of the first page
//! the part that says who wrote it.

use domain::{FailureCode, IdentityZone, PageIndex};
use pdf::PageImages;

use super::work::{open, rendering, tell, write};
use crate::sandbox::protocol::{Line, Order, PageLine, Purpose, file_name};

/// Writes the images page by page. Returns the last line.
pub(super) fn pages(order: &Order, zone: Option<IdentityZone>) -> Result<Line, FailureCode> {
    let rendering = rendering(order);
    let source = open(order)?;
    let shown = IdentityZone::shown(zone.as_ref());
    tell(&Line::Opened {
        pages: source.page_count(),
    })?;
    for index in 0..source.page_count() {
        let images = source
            .rasterize(index, &rendering)
            .map_err(pdf::Error::failure_code)?;
        write_images(index, [Purpose::Display, Purpose::Thumbnail], &images)?;
        let zone = zone.filter(|zone| PageIndex::new(index).is_some_and(|index| zone.covers(index)));
        let redacted = zone.map(|zone| source.redact(index, &rendering, &zone));
        let redacted = redacted.transpose().map_err(pdf::Error::failure_code)?;
        if let Some(redacted) = &redacted {
            let purposes = [Purpose::RedactedDisplay, Purpose::RedactedThumbnail];
            write_images(index, purposes, redacted)?;
        }
        let identity = (index == 0).then(|| source.crop(index, &rendering, shown));
        let identity = identity.transpose().map_err(pdf::Error::failure_code)?;
        if let Some(identity) = &identity {
            write(&file_name(index, Purpose::Identity), &identity.bytes)?;
        }
        let line = PageLine::new(index, &images, redacted.as_ref(), identity.as_ref());
        tell(&Line::Page(line))?;
    }
    Ok(Line::Done)
}

fn write_images(
    index: u32,
    [display, thumbnail]: [Purpose; 2],
    images: &PageImages,
) -> Result<(), FailureCode> {
    write(&file_name(index, display), &images.display.bytes)?;
    write(&file_name(index, thumbnail), &images.thumbnail.bytes)
}
