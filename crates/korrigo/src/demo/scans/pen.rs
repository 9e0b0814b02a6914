//! A hand with a pen, or a printer without one.

use super::canvas::{Canvas, Ink, Point};
use super::glyphs::{Glyph, glyph};
use super::random::Random;

/// How steady the hand is, what it writes with, and how large.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pen {
    /// Pixels for one step of the letter grid.
    pub(super) step: f32,
    pub(super) thickness: f32,
    pub(super) ink: Ink,
    /// How far the letters lean.
    pub(super) slant: f32,
    /// 0 for print.
    pub(super) unsteady: f32,
}

impl Pen {
    /// Writes a line of text and returns where it ends.
    pub(super) fn write(&self, canvas: &mut Canvas, at: Point, text: &str, random: &mut Random) -> f32 {
        let mut x = at.x;
        let mut baseline = at.y;
        for character in text.chars() {
            let Some(Glyph { strokes, advance }) = glyph(character) else {
                continue;
            };
            baseline += random.between(-0.5, 0.5) * self.unsteady * self.step;
            baseline = baseline.clamp(at.y - self.step, at.y + self.step);
            let size = self.step * (1.0 + random.between(-0.12, 0.12) * self.unsteady);
            for stroke in strokes {
                let points: Vec<Point> = stroke
                    .iter()
                    .map(|(right, up)| self.place(x, baseline, size, (*right, *up), random))
                    .collect();
                self.stroke(canvas, &points);
            }
            x += advance * size * (1.0 + random.between(-0.05, 0.1) * self.unsteady) + self.step;
        }
        x
    }

    fn place(&self, x: f32, baseline: f32, size: f32, (right, up): (f32, f32), random: &mut Random) -> Point {
        let mut shake = || random.between(-0.45, 0.45) * self.unsteady * size;
        Point {
            x: x + (right + up * self.slant) * size + shake(),
            y: baseline - up * size + shake(),
        }
    }

    /// Draws through the points: straight for print, rounded for a hand.
    pub(super) fn stroke(&self, canvas: &mut Canvas, points: &[Point]) {
        let rounded = if self.unsteady > 0.0 {
            smooth(points)
        } else {
            points.to_vec()
        };
        for pair in rounded.windows(2) {
            if let [from, to] = pair {
                canvas.line(*from, *to, self.thickness, self.ink);
            }
        }
    }
}

/// A curve through the points (Catmull-Rom), as short straight pieces.
fn smooth(points: &[Point]) -> Vec<Point> {
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        return Vec::new();
    };
    let mut padded = vec![*first];
    padded.extend_from_slice(points);
    padded.push(*last);
    let mut curve = vec![*first];
    for window in padded.windows(4) {
        if let [before, from, to, after] = window {
            for piece in 1..=4_u8 {
                let t = f32::from(piece) / 4.0;
                let along = |a: f32, b: f32, c: f32, d: f32| {
                    0.5 * (2.0 * b
                        + (c - a) * t
                        + (2.0 * a - 5.0 * b + 4.0 * c - d) * t * t
                        + (3.0 * b - a - 3.0 * c + d) * t * t * t)
                };
                curve.push(Point {
                    x: along(before.x, from.x, to.x, after.x),
                    y: along(before.y, from.y, to.y, after.y),
                });
            }
        }
    }
    curve
}

/// How wide a text will be, more or less.
pub(super) fn width(text: &str, step: f32) -> f32 {
    text.chars()
        .filter_map(glyph)
        .map(|glyph| (glyph.advance + 1.0) * step)
        .sum()
}
