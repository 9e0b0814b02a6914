//! What a corrected document is made of, beside the copy itself.

use domain::Points;

/// All that correctors gave a copy, as it goes into its corrected document.
#[derive(Debug, Clone, PartialEq)]
pub struct Correction {
    /// The name that does not say whose copy it is.
    pub anonymous_id: String,
    /// Which pages of the sources are the copy's, in order.
    pub pages: Vec<SourcePage>,
    /// The frozen score.
    pub score: Points,
    /// The most points there are.
    pub max: Points,
    /// The marking scheme.
    pub questions: Vec<Question>,
    /// Points per question.
    pub scores: Vec<(String, Points)>,
    /// Words per question.
    pub remarks: Vec<(String, String)>,
    /// Words about the whole copy; empty for none.
    pub appreciation: String,
    /// In the order in which they were made.
    pub annotations: Vec<Annotation>,
    /// What administrators added or took away since: the question that it is about, empty for the whole, and how much.
    pub adjustments: Vec<(String, Points)>,
}

/// A page of one of the sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourcePage {
    /// Which source, counted from 0.
    pub source: usize,
    /// Which of its pages, counted from 0.
    pub page: u32,
}

impl From<u32> for SourcePage {
    /// A page of the only source.
    fn from(page: u32) -> Self {
        Self { source: 0, page }
    }
}

/// A question, or a group of questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What scores and remarks refer to.
    pub id: String,
    /// What people call it.
    pub label: String,
    /// The most points it gives.
    pub max: Points,
    /// The questions of a group.
    pub children: Vec<Question>,
}

/// Something drawn or written on a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Annotation {
    /// Which page of the copy, counted from 0.
    pub page: u32,
    /// What it is.
    pub kind: Kind,
    /// Where it is on the displayed page, as fractions of its width and height.
    pub place: Place,
    /// Empty for none.
    pub text: String,
    /// What was drawn by hand.
    pub ink: Vec<Vec<InkPoint>>,
    /// Points given or taken.
    pub delta: Option<Points>,
    /// The question that it is about; empty for none.
    pub question: String,
}

/// What an annotation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Words in a frame.
    Comment,
    /// Colour behind what is written.
    Highlight,
    /// Something wrong.
    Error,
    /// Something especially right.
    Bonus,
    /// Lines drawn by hand.
    Ink,
    /// A word in a thick frame.
    Stamp,
}

/// A rectangle, as fractions of the displayed page.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Left edge.
    pub x: f64,
    /// Upper edge.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

/// A point of a line, as fractions of the displayed page and of the full pressure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct InkPoint {
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
    /// From 0 to 1.
    pub pressure: f64,
}

impl Annotation {
    /// Whether there is something to read about it in the report.
    pub(crate) fn is_listed(&self) -> bool {
        !self.text.trim().is_empty() || self.delta.is_some()
    }
}

impl Kind {
    /// What people call it.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Comment => "Commentaire",
            Self::Highlight => "Surlignage",
            Self::Error => "Erreur",
            Self::Bonus => "Bonus",
            Self::Ink => "Tracé",
            Self::Stamp => "Tampon",
        }
    }
}

/// From here on there are several points.
const TWO: Points = Points::from_quarters(8);

/// Points as they are written in French: with a comma.
pub(crate) fn written(points: Points) -> String {
    points.to_string().replace('.', ",").replace('-', "\u{2212}")
}

/// Points given or taken, always with a sign.
pub(crate) fn signed(points: Points) -> String {
    let sign = if points.is_negative() { "" } else { "+" };
    format!("{sign}{}", written(points))
}

/// Points given or taken, with their unit: in French less than two are not many.
pub(crate) fn in_points(points: Points) -> String {
    let unit = if points.quarters().abs() < TWO.quarters() {
        "point"
    } else {
        "points"
    };
    format!("{}\u{a0}{unit}", signed(points))
}

/// Points out of the most there are.
pub(crate) fn out_of(points: &str, max: Points) -> String {
    format!("{points}\u{a0}/\u{a0}{}", written(max))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_written_with_a_comma_and_a_real_minus() {
        let texts = [-3, 0, 1, 54].map(|quarters| signed(Points::from_quarters(quarters)));
        assert_eq!(texts, ["\u{2212}0,75", "+0", "+0,25", "+13,5"]);
        let texts = [-8, -7, 1, 54].map(|quarters| in_points(Points::from_quarters(quarters)));
        let expected = [
            "\u{2212}2 points",
            "\u{2212}1,75 point",
            "+0,25 point",
            "+13,5 points",
        ];
        assert_eq!(texts.map(|text| text.replace('\u{a0}', " ")), expected);
    }
}
