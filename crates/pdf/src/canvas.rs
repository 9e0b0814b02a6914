//! Draws on a page: content operators, in points from the upper left corner.

use lopdf::{Dictionary, Object, dictionary};

use crate::error::Error;
use crate::number;
use crate::operators::Operators;
use crate::text::{Fonts, Weight};

/// Red, green and blue, from 0 to 1.
pub(crate) type Colour = [f64; 3];

pub(crate) const BLACK: Colour = [0.1, 0.1, 0.1];
pub(crate) const GREY: Colour = [0.45, 0.45, 0.45];
pub(crate) const WHITE: Colour = [1.0, 1.0, 1.0];

/// Under this name the resources have the state in which colours darken what lies below.
pub(crate) const MULTIPLY: &str = "M";
/// Under this name the resources have the state in which white lets a little of what lies below through.
pub(crate) const PAPER: &str = "P";
/// Under these names the resources have the fonts.
pub(crate) const REGULAR: &str = "R";
pub(crate) const BOLD: &str = "B";

/// Ends and corners of lines.
const ROUND: f64 = 1.0;

/// A rectangle in points.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Area {
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) w: f64,
    pub(crate) h: f64,
}

/// How a text looks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Style {
    pub(crate) weight: Weight,
    pub(crate) size: f64,
    pub(crate) colour: Colour,
}

/// The content of a page, or of something that is painted on one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Canvas {
    operators: Operators,
}

impl Canvas {
    /// A page of its own that is so high: what lies over another page is turned by its matrix.
    pub(crate) fn page(height: f64) -> Self {
        let mut canvas = Self::default();
        canvas
            .operators
            .numbers("cm", &[1.0, 0.0, 0.0, -1.0, 0.0, height]);
        canvas
    }

    /// The content stream.
    pub(crate) fn content(&self) -> Result<&[u8], Error> {
        self.operators.content()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.operators.is_empty()
    }

    /// Fills a rectangle.
    pub(crate) fn fill(&mut self, colour: Colour, area: Area) {
        self.operators.numbers("rg", &colour);
        self.rectangle(area);
        self.operators.push("f");
    }

    /// Fills a rectangle in one of the states.
    pub(crate) fn fill_in(&mut self, state: &str, colour: Colour, area: Area) {
        self.operators.push("q");
        self.operators.name("gs", state);
        self.fill(colour, area);
        self.operators.push("Q");
    }

    /// Draws the edges of a rectangle.
    pub(crate) fn frame(&mut self, colour: Colour, width: f64, area: Area) {
        self.operators.numbers("RG", &colour);
        self.operators.numbers("w", &[width]);
        self.rectangle(area);
        self.operators.push("S");
    }

    /// Draws lines from point to point, with round ends.
    pub(crate) fn line(&mut self, colour: Colour, width: f64, points: &[(f64, f64)]) {
        self.operators.numbers("RG", &colour);
        self.operators.numbers("w", &[width]);
        self.operators.numbers("J", &[ROUND]);
        self.operators.numbers("j", &[ROUND]);
        for (index, (x, y)) in points.iter().enumerate() {
            self.operators
                .numbers(if index == 0 { "m" } else { "l" }, &[*x, *y]);
        }
        // A single point is a dot.
        if let [(x, y)] = points {
            self.operators.numbers("l", &[*x, *y]);
        }
        self.operators.push("S");
    }

    /// Writes a line of text; its base line begins at the point. The text must be showable.
    pub(crate) fn text(&mut self, fonts: &mut Fonts, style: Style, (x, y): (f64, f64), text: &str) {
        let font = match style.weight {
            Weight::Regular => REGULAR,
            Weight::Bold => BOLD,
        };
        let glyphs = Object::string_literal(fonts.glyphs(style.weight, text));
        self.operators.push("BT");
        self.operators.numbers("rg", &style.colour);
        self.operators
            .with("Tf", &[font.into(), number::rounded(style.size, 3)]);
        self.operators.numbers("Tm", &[1.0, 0.0, 0.0, -1.0, x, y]);
        self.operators.with("Tj", &[glyphs]);
        self.operators.push("ET");
    }

    /// Paints something over an area, or in its own size, that the resources have under this name.
    pub(crate) fn paint(&mut self, name: &str, area: Option<Area>) {
        self.operators.push("q");
        if let Some(Area { x, y, w, h }) = area {
            self.operators.numbers("cm", &[w, 0.0, 0.0, h, x, y]);
        }
        self.operators.name("Do", name);
        self.operators.push("Q");
    }

    fn rectangle(&mut self, area: Area) {
        self.operators.numbers("re", &[area.x, area.y, area.w, area.h]);
    }
}

/// Both states, by their names.
pub(crate) fn states() -> Dictionary {
    dictionary! {
        MULTIPLY => dictionary! { "Type" => "ExtGState", "BM" => "Multiply" },
        PAPER => dictionary! { "Type" => "ExtGState", "ca" => 0.85 },
    }
}
