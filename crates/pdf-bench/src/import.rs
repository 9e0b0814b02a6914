//! Import: display image and thumbnail of every page.

use filebuffer::FileBuffer;
use pdf::{Limits, Rendering, Source};

use crate::run::{Run, Shelf};

/// Rasterizes every page, or so many.
pub(crate) fn run(document: FileBuffer, pages: u32, shelf: &Shelf) -> anyhow::Result<Run> {
    let source = Source::open(document, Limits::default())?;
    let mut run = Run::default();
    for index in 0..source.page_count().min(pages) {
        let images = source.rasterize(index, &Rendering::default())?;
        run.pages += 1;
        run.bytes += images.display.bytes.len() + images.thumbnail.bytes.len();
        shelf.put(&format!("{index:05}.display"), &images.display.bytes)?;
        shelf.put(&format!("{index:05}.thumbnail"), &images.thumbnail.bytes)?;
    }
    Ok(run)
}
