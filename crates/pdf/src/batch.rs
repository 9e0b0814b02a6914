//! One scan of many copies, taken apart: so many pages per copy, sheets of A3 cut to A4.
//!
//! That every page of the scan is in exactly one booklet is checked before anything is written. What does not come out
//! even is never guessed at: it is reported for people to look at.

use domain::batch::{Anomaly, AnomalyKind, Part, Piece, Splitting, is_conserved};
use domain::{Layout, PageCount, PageIndex};
use hayro::kurbo::Rect;

use crate::document::{self, Document};
use crate::error::Error;
use crate::geometry::Geometry;
use crate::original::Pages;
use crate::output::Output;
use crate::source::Source;

/// The pages of one copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booklet {
    /// In the order of reading.
    pub pieces: Vec<Piece>,
}

/// A scan of many copies, ready to be taken apart.
pub struct Batch<'a> {
    source: &'a Source,
    booklets: Vec<Booklet>,
    anomalies: Vec<Anomaly>,
}

impl<'a> Batch<'a> {
    /// Decides which page goes where.
    pub fn new(source: &'a Source, splitting: Splitting) -> Result<Self, Error> {
        let mut anomalies = Vec::new();
        let sheets = cut(source, splitting.layout, &mut anomalies)?;
        let booklets = bound(
            sheets,
            usize::from(splitting.pages_per_copy.get()),
            &mut anomalies,
        );
        let pages = usize::try_from(source.page_count()).ok().and_then(PageCount::new);
        let shares = booklets.iter().map(|booklet| booklet.pieces.as_slice());
        if !is_conserved(pages.ok_or(Error::TooManyPages)?, shares) {
            return Err(Error::Incomplete);
        }
        Ok(Self {
            source,
            booklets,
            anomalies,
        })
    }

    /// The booklets, in the order of the scan.
    #[must_use]
    pub fn booklets(&self) -> &[Booklet] {
        &self.booklets
    }

    /// What people have to look at.
    #[must_use]
    pub fn anomalies(&self) -> &[Anomaly] {
        &self.anomalies
    }

    /// A booklet as a document of its own: the objects of its pages as they are, and nothing of the other copies.
    pub fn document(&self, booklet: &Booklet) -> Result<Document<'a>, Error> {
        let mut output = Output::new();
        let tree = output.reserve()?;
        let mut pages = Pages::of(self.source);
        let mut numbers = Vec::with_capacity(booklet.pieces.len());
        for piece in &booklet.pieces {
            let page = self.source.find(piece.page.get().into())?;
            let geometry = Geometry::of(page);
            let geometry = match piece.part {
                Part::Whole => geometry,
                Part::Left => geometry.part(Rect::new(0.0, 0.0, 0.5, 1.0)),
                Part::Right => geometry.part(Rect::new(0.5, 0.0, 1.0, 1.0)),
            };
            numbers.push(pages.write(page, &geometry, None, (&mut output, tree))?);
        }
        let catalog = pages.finish(&mut output)?;
        document::finish(output, tree, &numbers, catalog)
    }
}

/// The sheets of the scan, each with its pages in the order of reading.
fn cut(source: &Source, layout: Layout, anomalies: &mut Vec<Anomaly>) -> Result<Vec<Vec<Piece>>, Error> {
    let mut sheets = Vec::new();
    let mut front = None;
    for index in 0..source.page_count() {
        let size = source.page(index)?.size;
        let page = PageIndex::new(index).ok_or(Error::TooManyPages)?;
        let piece = |part| Piece { page, part };
        match layout {
            Layout::A4 => sheets.push(vec![piece(Part::Whole)]),
            Layout::A3 | Layout::A3Folded if size.width <= size.height => {
                sheets.extend(alone(front.take(), anomalies));
                anomalies.push(Anomaly {
                    kind: AnomalyKind::NotASheet,
                    page,
                });
                sheets.push(vec![piece(Part::Whole)]);
            }
            Layout::A3 => sheets.push(vec![piece(Part::Left), piece(Part::Right)]),
            Layout::A3Folded => match front.take() {
                None => front = Some(page),
                Some(front) => sheets.push(vec![
                    Piece {
                        page: front,
                        part: Part::Right,
                    },
                    piece(Part::Left),
                    piece(Part::Right),
                    Piece {
                        page: front,
                        part: Part::Left,
                    },
                ]),
            },
        }
    }
    sheets.extend(alone(front, anomalies));
    Ok(sheets)
}

/// The front of a folded sheet, if there is one that waits for its back.
fn alone(front: Option<PageIndex>, anomalies: &mut Vec<Anomaly>) -> Option<Vec<Piece>> {
    let page = front?;
    anomalies.push(Anomaly {
        kind: AnomalyKind::NoBack,
        page,
    });
    Some([Part::Right, Part::Left].map(|part| Piece { page, part }).into())
}

/// So many pages to a booklet. A sheet is never in two: the halves of a page have one content, and who has one half has
/// the other.
fn bound(sheets: Vec<Vec<Piece>>, per_copy: usize, anomalies: &mut Vec<Anomaly>) -> Vec<Booklet> {
    let mut booklets: Vec<Booklet> = Vec::new();
    for sheet in sheets {
        match booklets.last_mut() {
            Some(last) if last.pieces.len() + sheet.len() <= per_copy => last.pieces.extend(sheet),
            Some(_) | None => booklets.push(Booklet { pieces: sheet }),
        }
    }
    let short = booklets.iter().filter(|booklet| booklet.pieces.len() < per_copy);
    let first = short.filter_map(|booklet| booklet.pieces.first());
    anomalies.extend(first.map(|piece| Anomaly {
        kind: AnomalyKind::Incomplete,
        page: piece.page,
    }));
    booklets
}
