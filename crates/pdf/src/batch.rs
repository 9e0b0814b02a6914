//! One scan of many copies, taken apart: so many pages per copy, sheets of A3 cut to A4.
//!
//! Conservation: every page of the scan, or both of its halves, is in exactly one booklet; that is checked before
//! anything is written. What does not come out even is never guessed at: it is reported for people to look at.

use hayro::kurbo::Rect;

use crate::document::{self, Document};
use crate::error::Error;
use crate::geometry::Geometry;
use crate::number;
use crate::original::Pages;
use crate::output::Output;
use crate::source::Source;

/// How a batch is taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Splitting {
    /// Pages of A4 per copy.
    pub pages_per_copy: u32,
    /// The paper that was scanned.
    pub sheets: Sheets,
}

/// The paper of a batch, and the order of what is on it. A setting of the exam.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sheets {
    /// A page is a page.
    A4,
    /// A page has two pages side by side, the left one first.
    A3,
    /// Sheets folded once: the front has the pages 4 and 1, the back 2 and 3.
    Folded,
}

/// A page of the scan, or a half of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Piece {
    /// Which page of the scan, counted from 0.
    pub page: u32,
    /// How much of it.
    pub part: Part,
}

/// How much of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// The left half, as displayed.
    Left,
    /// The right half, as displayed.
    Right,
}

/// The pages of one copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Booklet {
    /// In the order of reading.
    pub pieces: Vec<Piece>,
}

/// Something that people have to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Anomaly {
    /// The last booklet has only so many pages.
    Remainder {
        /// How many.
        pages: u32,
    },
    /// A page that is no sheet of two pages: it was kept whole.
    NotASheet {
        /// Which page of the scan.
        page: u32,
    },
    /// The front of a folded sheet whose back does not follow.
    NoBack {
        /// Which page of the scan.
        page: u32,
    },
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
        let pieces = cut(source, splitting.sheets, &mut anomalies)?;
        let per_copy = number::length(splitting.pages_per_copy.max(1));
        let booklets: Vec<Booklet> = pieces
            .chunks(per_copy)
            .map(|pieces| Booklet {
                pieces: pieces.to_vec(),
            })
            .collect();
        if let Some(last) = booklets.last()
            && last.pieces.len() < per_copy
        {
            anomalies.push(Anomaly::Remainder {
                pages: u32::try_from(last.pieces.len()).map_err(|_cause| Error::TooManyPages)?,
            });
        }
        if !is_conserved(&booklets, source.page_count()) {
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
            let page = self.source.find(piece.page)?;
            let geometry = Geometry::of(page);
            let geometry = match piece.part {
                Part::Whole => geometry,
                Part::Left => geometry.part(Rect::new(0.0, 0.0, 0.5, 1.0)),
                Part::Right => geometry.part(Rect::new(0.5, 0.0, 1.0, 1.0)),
            };
            numbers.push(pages.write(page, &geometry, None, (&mut output, tree))?);
        }
        let entries = pages.finish(&mut output)?;
        document::finish(output, tree, &numbers, &entries)
    }
}

/// The pages of the scan in the order of reading.
fn cut(source: &Source, sheets: Sheets, anomalies: &mut Vec<Anomaly>) -> Result<Vec<Piece>, Error> {
    let mut pieces = Vec::new();
    let mut front = None;
    for page in 0..source.page_count() {
        let size = source.page(page)?.size;
        let piece = |part| Piece { page, part };
        match sheets {
            Sheets::A4 => pieces.push(piece(Part::Whole)),
            Sheets::A3 | Sheets::Folded if size.width <= size.height => {
                pieces.extend(alone(front.take(), anomalies));
                anomalies.push(Anomaly::NotASheet { page });
                pieces.push(piece(Part::Whole));
            }
            Sheets::A3 => pieces.extend([piece(Part::Left), piece(Part::Right)]),
            Sheets::Folded => match front.take() {
                None => front = Some(page),
                Some(front) => pieces.extend([
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
    pieces.extend(alone(front, anomalies));
    Ok(pieces)
}

/// The front of a folded sheet, if there is one that waits for its back.
fn alone(front: Option<u32>, anomalies: &mut Vec<Anomaly>) -> Vec<Piece> {
    let Some(page) = front else {
        return Vec::new();
    };
    anomalies.push(Anomaly::NoBack { page });
    [Part::Right, Part::Left].map(|part| Piece { page, part }).into()
}

/// Whether every page is there once: whole, or as both of its halves.
fn is_conserved(booklets: &[Booklet], pages: u32) -> bool {
    let mut halves = vec![[0_u32; 2]; number::length(pages)];
    for piece in booklets.iter().flat_map(|booklet| &booklet.pieces) {
        let Some([left, right]) = halves.get_mut(number::length(piece.page)) else {
            return false;
        };
        *left += u32::from(piece.part != Part::Right);
        *right += u32::from(piece.part != Part::Left);
    }
    halves.iter().all(|counts| *counts == [1, 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lost_or_a_doubled_half_is_noticed() {
        let booklet = |parts: &[Part]| Booklet {
            pieces: parts.iter().map(|part| Piece { page: 0, part: *part }).collect(),
        };
        assert!(is_conserved(&[booklet(&[Part::Whole])], 1));
        assert!(is_conserved(
            &[booklet(&[Part::Right]), booklet(&[Part::Left])],
            1
        ));
        for wrong in [&[Part::Left][..], &[Part::Whole, Part::Left], &[]] {
            assert!(!is_conserved(&[booklet(wrong)], 1), "{wrong:?}");
        }
        assert!(!is_conserved(&[booklet(&[Part::Whole])], 2));
    }
}
