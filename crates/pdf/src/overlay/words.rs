//! The words of an annotation, within its rectangle as far as there is room.

use super::{Layer, colour};
use crate::canvas::{Area, BLACK, Colour, PAPER, Style, WHITE};
use crate::correction::{Annotation, Kind};
use crate::number;
use crate::text::{Weight, wrap};

/// Sizes of letters, in points, in the order in which they are tried.
const SIZES: [f64; 4] = [10.0, 9.0, 8.0, 7.0];
/// Sizes for the word of a stamp.
const STAMP_SIZES: [f64; 7] = [28.0, 22.0, 18.0, 14.0, 11.0, 9.0, 7.0];
/// From one base line to the next, in sizes of the letters.
const LEADING: f64 = 1.2;
const MARGIN: f64 = 2.0;

impl Layer<'_> {
    /// Writes as much of the text as there is room for. Returns whether that is all of it.
    pub(super) fn words(&mut self, annotation: &Annotation, area: Area) -> bool {
        let (weight, sizes): (Weight, &[f64]) = match annotation.kind {
            Kind::Stamp => (Weight::Bold, &STAMP_SIZES),
            Kind::Comment | Kind::Highlight | Kind::Error | Kind::Bonus | Kind::Ink => {
                (Weight::Regular, &SIZES)
            }
        };
        let text = self.fonts.showable(weight, annotation.text.trim());
        if text.is_empty() {
            return true;
        }
        let margin = MARGIN * self.unit;
        let (width, height) = (area.w - 2.0 * margin, area.h - 2.0 * margin);
        let mut fitting = None;
        for size in sizes {
            let size = size * self.unit;
            let lines = wrap(&text, width, |character| {
                self.fonts.advance(weight, character) * size
            });
            let room = number::whole_part(height / (size * LEADING));
            let letters_fit = lines
                .iter()
                .all(|line| self.fonts.width(weight, size, line) <= width);
            let whole = letters_fit && lines.len() <= room;
            fitting = letters_fit.then_some((size, lines, room)).or(fitting);
            if whole {
                break;
            }
        }
        let Some((size, lines, room)) = fitting else {
            return false;
        };
        let style = Style {
            weight,
            size,
            colour: ink(annotation.kind),
        };
        let shown = lines.get(..room.min(lines.len())).unwrap_or_default();
        self.lines(annotation.kind, area, style, shown);
        shown.len() == lines.len()
    }

    fn lines(&mut self, kind: Kind, area: Area, style: Style, lines: &[String]) {
        let (margin, leading) = (MARGIN * self.unit, style.size * LEADING);
        let mut top = area.y + margin;
        for line in lines {
            let width = self.fonts.width(style.weight, style.size, line);
            let left = match kind {
                Kind::Stamp => area.x + (area.w - width) / 2.0,
                Kind::Comment | Kind::Highlight | Kind::Error | Kind::Bonus | Kind::Ink => area.x + margin,
            };
            if kind != Kind::Highlight {
                let behind = Area {
                    x: left - margin / 2.0,
                    y: top,
                    w: width + margin,
                    h: leading,
                };
                self.canvas.fill_in(PAPER, WHITE, behind);
            }
            self.canvas
                .text(self.fonts, style, (left, top + style.size * 0.95), line);
            top += leading;
        }
    }
}

fn ink(kind: Kind) -> Colour {
    match kind {
        Kind::Highlight => BLACK,
        Kind::Comment | Kind::Error | Kind::Bonus | Kind::Ink | Kind::Stamp => colour(kind),
    }
}
