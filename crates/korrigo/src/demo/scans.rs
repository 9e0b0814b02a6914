//! Scans of handwritten copies that nobody wrote: ruled paper, a header with an invented name, answers, figures,
//! crossed-out words, paper grain and the scanner's shadow.
//!
//! Everything follows from the seed. No font and no picture is loaded: letters are strokes of a pen.

mod answers;
mod canvas;
mod document;
mod glyphs;
mod number;
mod page;
mod pen;
mod picture;
mod random;

pub use document::{Scan, scan};
pub use picture::{EncodeError, Picture};
