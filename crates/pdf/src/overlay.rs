//! What correctors drew and wrote on a page, as one layer over it.
//!
//! Everything with words or points gets a number, which stands beside it and in the report: what there is no room
//! for on the page can be read there in full.

mod ink;
mod words;

use crate::canvas::{Area, Canvas, Colour, MULTIPLY, Style, WHITE};
use crate::correction::{Annotation, Kind, Place, signed};
use crate::text::{Fonts, Weight};

const RED: Colour = [0.78, 0.1, 0.1];
const GREEN: Colour = [0.05, 0.5, 0.2];
const BLUE: Colour = [0.1, 0.25, 0.7];
const YELLOW: Colour = [1.0, 0.93, 0.35];

/// A page of paper that people hold in their hands, in points: the square root of its area.
const USUAL: f64 = 708.0;
/// A badge, in points.
const BADGE_SIZE: f64 = 8.0;
const BADGE_HEIGHT: f64 = 11.0;
const BADGE_MARGIN: f64 = 3.0;

/// An annotation with the number under which the report has it.
#[derive(Clone, Copy)]
pub(crate) struct Numbered<'a> {
    pub(crate) annotation: &'a Annotation,
    /// `None` if there is nothing to read about it.
    pub(crate) number: Option<u32>,
}

/// The layer of a page whose displayed size is given in points.
pub(crate) fn draw(fonts: &mut Fonts, size: (f64, f64), annotations: &[Numbered<'_>]) -> Canvas {
    let mut layer = Layer {
        canvas: Canvas::default(),
        fonts,
        size,
        unit: unit(size),
    };
    // What is drawn behind the writing comes first.
    for behind in [true, false] {
        for numbered in annotations {
            if (numbered.annotation.kind == Kind::Highlight) == behind {
                layer.annotation(*numbered);
            }
        }
    }
    layer.canvas
}

/// How large a point of the layer is. Pages far from any paper's size are scans without their true size: on them
/// everything grows or shrinks with the page.
fn unit((width, height): (f64, f64)) -> f64 {
    let factor = (width * height).sqrt() / USUAL;
    if (0.5..=2.0).contains(&factor) {
        1.0
    } else {
        factor
    }
}

struct Layer<'a> {
    canvas: Canvas,
    fonts: &'a mut Fonts,
    size: (f64, f64),
    unit: f64,
}

impl Layer<'_> {
    fn annotation(&mut self, numbered: Numbered<'_>) {
        let annotation = numbered.annotation;
        let area = self.area(annotation.place);
        let colour = colour(annotation.kind);
        match annotation.kind {
            Kind::Comment => self.canvas.frame(colour, 0.8 * self.unit, area),
            Kind::Error | Kind::Bonus => self.canvas.frame(colour, 1.5 * self.unit, area),
            Kind::Stamp => self.canvas.frame(colour, 2.5 * self.unit, area),
            Kind::Highlight => self.canvas.fill_in(MULTIPLY, YELLOW, area),
            Kind::Ink => ink::draw(&mut self.canvas, colour, (self.size, self.unit), &annotation.ink),
        }
        let whole = self.words(annotation, area);
        self.badge(numbered, area, whole);
    }

    /// A place on the page, in points; what lies outside is cut off.
    fn area(&self, place: Place) -> Area {
        let (width, height) = self.size;
        let within = |fraction: f64| if fraction > 0.0 { fraction.min(1.0) } else { 0.0 };
        let (left, top) = (within(place.x), within(place.y));
        let (right, bottom) = (within(place.x + place.w), within(place.y + place.h));
        Area {
            x: left * width,
            y: top * height,
            w: (right - left).max(0.0) * width,
            h: (bottom - top).max(0.0) * height,
        }
    }

    /// Number and points, on a small plate over the upper left corner. An arrow says that the report has more.
    fn badge(&mut self, numbered: Numbered<'_>, area: Area, whole: bool) {
        let Some(number) = numbered.number else { return };
        let arrow = if whole { "" } else { "\u{2192} " };
        let delta = numbered.annotation.delta.map(signed);
        let delta = delta.map_or_else(String::new, |delta| format!("  {delta}"));
        let label = format!("{arrow}n°\u{a0}{number}{delta}");
        let style = Style {
            weight: Weight::Bold,
            size: BADGE_SIZE * self.unit,
            colour: WHITE,
        };
        let margin = BADGE_MARGIN * self.unit;
        let (width, height) = (
            self.fonts.width(style.weight, style.size, &label) + 2.0 * margin,
            BADGE_HEIGHT * self.unit,
        );
        let plate = Area {
            x: area.x.min(self.size.0 - width).max(0.0),
            y: if area.y >= height { area.y - height } else { area.y },
            w: width,
            h: height,
        };
        self.canvas.fill(colour(numbered.annotation.kind), plate);
        let base = (plate.x + margin, plate.y + height - margin);
        self.canvas.text(self.fonts, style, base, &label);
    }
}

fn colour(kind: Kind) -> Colour {
    match kind {
        Kind::Comment | Kind::Stamp => BLUE,
        Kind::Error | Kind::Ink => RED,
        Kind::Bonus => GREEN,
        Kind::Highlight => [0.55, 0.42, 0.0],
    }
}
