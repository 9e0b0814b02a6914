//! The pages behind a corrected copy: the score, the points and remarks of every question, what was written on the
//! pages, and the words about the whole. In French, on A4, and as many pages as it takes.

mod adjustments;
mod annotations;
mod sheets;
mod table;

use crate::canvas::{Canvas, Style};
use crate::correction::{Correction, out_of, written};
use crate::overlay::Numbered;
use crate::text::{Fonts, Weight};
use sheets::Sheets;

pub(crate) use sheets::PAPER;

/// The content of every page of the report.
pub(crate) fn write(fonts: &mut Fonts, correction: &Correction, numbered: &[Numbered<'_>]) -> Vec<Canvas> {
    let mut sheets = Sheets::new(fonts);
    score(&mut sheets, correction);
    table::write(&mut sheets, correction);
    annotations::write(&mut sheets, correction, numbered);
    adjustments::write(&mut sheets, correction);
    if !correction.appreciation.trim().is_empty() {
        sheets.heading("Appréciation générale");
        sheets.paragraph(sheets::BODY, 0.0, &correction.appreciation);
    }
    sheets.finish(&format!("Copie {}", correction.anonymous_id))
}

fn score(sheets: &mut Sheets<'_>, correction: &Correction) {
    let style = Style {
        weight: Weight::Bold,
        size: 22.0,
        ..sheets::BODY
    };
    let score = out_of(&written(correction.score), correction.max);
    sheets.paragraph(style, 0.0, &format!("Note\u{a0}: {score}"));
}
