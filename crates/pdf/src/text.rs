//! Words on paper: fonts that are part of the program, lines that fit, and nothing left out.

mod embed;
mod font;
mod wrap;

pub(crate) use font::{Fonts, Weight};
pub(crate) use wrap::wrap;
