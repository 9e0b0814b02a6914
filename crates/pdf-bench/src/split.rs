//! Split: a batch into booklets.

use anyhow::Context as _;
use domain::batch::Splitting;
use domain::{Layout, PageCount};
use filebuffer::FileBuffer;
use pdf::{Batch, Limits, Source};

use crate::run::{Run, Shelf};

/// Takes the batch apart into booklets of so many pages.
pub(crate) fn run(document: FileBuffer, pages_per_copy: usize, shelf: &Shelf) -> anyhow::Result<Run> {
    let source = Source::open(document, Limits::default())?;
    let splitting = Splitting {
        pages_per_copy: PageCount::new(pages_per_copy).context("so many pages have no copy")?,
        layout: Layout::A4,
    };
    let batch = Batch::new(&source, splitting)?;
    let mut run = Run::default();
    for (index, booklet) in batch.booklets().iter().enumerate() {
        let document = batch.document(booklet)?;
        run.pages += document.pages;
        run.bytes += document.size();
        shelf.put_document(&format!("{index:05}.pdf"), &document)?;
    }
    Ok(run)
}
