//! Import: display image and thumbnail of every page.

use anyhow::anyhow;
use pdf::{Limits, Rendering, Source};

use crate::run::{Run, Shelf};

/// Rasterizes every page, in so many slots at once. A slot opens the document itself, as its child would.
pub(crate) fn run(document: Vec<u8>, slots: u32, shelf: &Shelf) -> anyhow::Result<Run> {
    let others: Vec<_> = (1..slots)
        .map(|slot| {
            let (document, shelf) = (document.clone(), shelf.clone());
            std::thread::spawn(move || part(document, (slot, slots), &shelf))
        })
        .collect();
    let mut run = part(document, (0, slots.max(1)), shelf)?;
    for thread in others {
        let part = thread.join().map_err(|_panic| anyhow!("a slot panicked"))??;
        run.pages += part.pages;
        run.bytes += part.bytes;
    }
    Ok(run)
}

fn part(document: Vec<u8>, (slot, slots): (u32, u32), shelf: &Shelf) -> anyhow::Result<Run> {
    let source = Source::open(document, Limits::default())?;
    let mut run = Run::default();
    for index in (0..source.page_count().min(shelf.pages())).filter(|index| index % slots == slot) {
        let images = source.rasterize(index, &Rendering::default())?;
        run.pages += 1;
        run.bytes += images.display.bytes.len() + images.thumbnail.bytes.len();
        shelf.put(&format!("{index:05}.display"), &images.display.bytes)?;
        shelf.put(&format!("{index:05}.thumbnail"), &images.thumbnail.bytes)?;
    }
    Ok(run)
}
