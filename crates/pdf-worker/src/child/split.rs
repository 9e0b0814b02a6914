//! A scan of many copies: a document of its own for each.

use domain::batch::Splitting;
use domain::{FailureCode, Layout, PageCount};
use pdf::Batch;

use super::work::{open, tell, write_document};
use crate::sandbox::protocol::{AnomalyLine, BookletLine, Line, Order, booklet_name};

/// Writes the documents one by one. Returns the last line.
pub(super) fn booklets(order: &Order, pages_per_copy: u16, layout: Layout) -> Result<Line, FailureCode> {
    let splitting = PageCount::new(pages_per_copy.into()).and_then(|count| Splitting::new(count, layout));
    let splitting = splitting.ok_or(FailureCode::Unknown)?;
    let source = open(order)?;
    tell(&Line::Opened {
        pages: source.page_count(),
    })?;
    let batch = Batch::new(&source, splitting).map_err(pdf::Error::failure_code)?;
    for anomaly in batch.anomalies() {
        tell(&Line::Anomaly(AnomalyLine {
            kind: anomaly.kind,
            page: anomaly.page.get().into(),
        }))?;
    }
    for (index, booklet) in (0..).zip(batch.booklets()) {
        let document = batch.document(booklet).map_err(pdf::Error::failure_code)?;
        write_document(&booklet_name(index), &document)?;
        tell(&Line::Booklet(BookletLine::new(index, &booklet.pieces)))?;
    }
    Ok(Line::Done)
}
