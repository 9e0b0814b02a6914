//! Draws on a page: content operators, in points from the upper left corner.

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
/// Both states as entries of a dictionary of resources.
pub(crate) const STATES: &str =
    "/ExtGState << /M << /Type /ExtGState /BM /Multiply >> /P << /Type /ExtGState /ca 0.85 >> >>";

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
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Canvas {
    operators: String,
}

impl Canvas {
    /// The content stream.
    pub(crate) fn content(&self) -> &[u8] {
        self.operators.as_bytes()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.operators.is_empty()
    }

    /// Fills a rectangle.
    pub(crate) fn fill(&mut self, colour: Colour, area: Area) {
        self.numbers(&colour, "rg");
        self.rectangle(area);
        self.push("f");
    }

    /// Fills a rectangle in one of the states.
    pub(crate) fn fill_in(&mut self, state: &str, colour: Colour, area: Area) {
        self.push(&format!("q /{state} gs"));
        self.fill(colour, area);
        self.push("Q");
    }

    /// Draws the edges of a rectangle.
    pub(crate) fn frame(&mut self, colour: Colour, width: f64, area: Area) {
        self.numbers(&colour, "RG");
        self.numbers(&[width], "w");
        self.rectangle(area);
        self.push("S");
    }

    /// Draws lines from point to point, with round ends.
    pub(crate) fn line(&mut self, colour: Colour, width: f64, points: &[(f64, f64)]) {
        self.numbers(&colour, "RG");
        self.numbers(&[width], "w 1 J 1 j");
        for (index, (x, y)) in points.iter().enumerate() {
            self.numbers(&[*x, *y], if index == 0 { "m" } else { "l" });
        }
        // A single point is a dot.
        if let [(x, y)] = points {
            self.numbers(&[*x, *y], "l");
        }
        self.push("S");
    }

    /// Writes a line of text; its base line begins at the point. The text must be showable.
    pub(crate) fn text(&mut self, fonts: &mut Fonts, style: Style, (x, y): (f64, f64), text: &str) {
        let font = match style.weight {
            Weight::Regular => "R",
            Weight::Bold => "B",
        };
        self.push("BT");
        self.numbers(&style.colour, "rg");
        self.push(&format!("/{font}"));
        self.numbers(&[style.size], "Tf 1 0 0 -1");
        self.numbers(&[x, y], "Tm");
        self.push(&format!("<{}> Tj ET", fonts.glyphs(style.weight, text)));
    }

    fn rectangle(&mut self, area: Area) {
        self.numbers(&[area.x, area.y, area.w, area.h], "re");
    }

    fn numbers(&mut self, numbers: &[f64], operator: &str) {
        for number in numbers {
            self.operators.push_str(&decimal(*number, 3));
            self.operators.push(' ');
        }
        self.push(operator);
    }

    fn push(&mut self, operator: &str) {
        self.operators.push_str(operator);
        self.operators.push('\n');
    }
}

/// A number without an exponent and without needless zeros.
pub(crate) fn decimal(number: f64, places: usize) -> String {
    if !number.is_finite() {
        return "0".to_owned();
    }
    let text = format!("{number:.places$}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    if matches!(text, "" | "-" | "-0") {
        "0".to_owned()
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::decimal;

    #[test]
    fn numbers_are_as_short_as_they_can_be() {
        let shortest = [0.0, -0.0004, 12.0, 0.5, -3.25, 1e9, f64::NAN].map(|number| decimal(number, 3));
        assert_eq!(shortest, ["0", "0", "12", "0.5", "-3.25", "1000000000", "0"]);
    }
}
