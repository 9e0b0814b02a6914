//! What a corrector draws and writes on a page.

use crate::copy::Refusal;
use crate::geometry::{InkPoint, Rectangle};
use crate::ids::{AnnotationId, CopyId, UserId};
use crate::page::PageIndex;
use crate::points::Points;
use crate::prose::Prose;
use crate::scheme::QuestionId;

closed_names! {
    /// What an annotation is.
    AnnotationKind {
        /// Words in the margin.
        Comment = "COMMENT",
        /// A coloured area.
        Highlight = "HIGHLIGHT",
        /// Something wrong.
        Error = "ERROR",
        /// Something that deserves more.
        Bonus = "BONUS",
        /// Drawn by hand.
        Ink = "INK",
        /// A mark out of a set.
        Stamp = "STAMP",
    }
}

/// An annotation as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Annotation {
    /// Its id.
    pub id: AnnotationId,
    /// The copy it is on.
    pub copy: CopyId,
    /// What it says and where.
    pub content: Content,
    /// Who made it.
    pub by: UserId,
    /// Counts the changes.
    pub version: i64,
}

/// What an annotation says, and where.
#[derive(Clone, PartialEq, Eq)]
pub struct Content {
    /// On which page.
    pub page: PageIndex,
    /// Where on the page as it is displayed.
    pub area: Rectangle,
    /// What it is.
    pub kind: AnnotationKind,
    /// Its words.
    pub text: Option<Prose>,
    /// Its lines.
    pub ink: Ink,
    /// What it adds to the score, or takes away.
    pub score_delta: Option<Points>,
    /// Which question it is about.
    pub question: Option<QuestionId>,
}

/// Lines drawn by hand: of each, the points that the pen went through.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Ink(Vec<Vec<InkPoint>>);

impl Ink {
    /// The most lines.
    pub const MAX_STROKES: usize = 200;
    /// The most points of all lines together.
    pub const MAX_POINTS: usize = 10_000;

    /// `None` if there are too many lines or points, or a line without a point.
    #[must_use]
    pub fn new(strokes: Vec<Vec<InkPoint>>) -> Option<Self> {
        let ink = Self(strokes);
        let fits = ink.0.len() <= Self::MAX_STROKES && ink.points() <= Self::MAX_POINTS;
        (fits && ink.0.iter().all(|stroke| !stroke.is_empty())).then_some(ink)
    }

    /// The lines.
    #[must_use]
    pub fn strokes(&self) -> &[Vec<InkPoint>] {
        &self.0
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many points all lines have together.
    #[must_use]
    pub fn points(&self) -> usize {
        self.0.iter().map(Vec::len).sum()
    }
}

/// How much has been drawn and written on a copy. There is an end to it, so that whoever reads a copy knows how much
/// may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    /// How many annotations there are.
    pub annotations: usize,
    /// How many points their lines have.
    pub ink_points: usize,
}

impl Load {
    /// The most annotations of a copy.
    pub const MAX_ANNOTATIONS: usize = 500;
    /// The most points of all lines on a copy.
    pub const MAX_INK_POINTS: usize = 100_000;

    /// Whether `content` may be added; in place of `before`, if that is there.
    pub fn admits(self, before: Option<&Content>, content: &Content) -> Result<(), Refusal> {
        let annotations = self.annotations + usize::from(before.is_none());
        let gone = before.map_or(0, |before| before.ink.points());
        let ink_points = (self.ink_points + content.ink.points()).saturating_sub(gone);
        if annotations > Self::MAX_ANNOTATIONS {
            Err(Refusal::TooManyAnnotations)
        } else if ink_points > Self::MAX_INK_POINTS {
            Err(Refusal::TooMuchInk)
        } else {
            Ok(())
        }
    }
}

closed_names! {
    /// A part of an annotation that may change. The names go into the audit trail, what they hold does not.
    AnnotationField {
        /// The page.
        Page = "page_index",
        /// The place on the page.
        Area = "rectangle",
        /// The kind.
        Kind = "kind",
        /// The words.
        Text = "text",
        /// The lines.
        Ink = "ink",
        /// The points.
        ScoreDelta = "score_delta",
        /// The question.
        Question = "question_id",
    }
}

impl Content {
    /// Whether lines are there if, and only if, the kind is made of lines.
    #[must_use]
    pub fn has_ink_as_its_kind_needs(&self) -> bool {
        (self.kind == AnnotationKind::Ink) != self.ink.is_empty()
    }

    /// In which parts two contents differ.
    #[must_use]
    pub fn differences(&self, other: &Self) -> Vec<AnnotationField> {
        let differs = |field: &AnnotationField| match field {
            AnnotationField::Page => self.page != other.page,
            AnnotationField::Area => self.area != other.area,
            AnnotationField::Kind => self.kind != other.kind,
            AnnotationField::Text => self.text != other.text,
            AnnotationField::Ink => self.ink != other.ink,
            AnnotationField::ScoreDelta => self.score_delta != other.score_delta,
            AnnotationField::Question => self.question != other.question,
        };
        AnnotationField::ALL.iter().copied().filter(differs).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn content() -> Content {
        Content {
            page: PageIndex::new(0).unwrap(),
            area: Rectangle::from_fractions([0.1, 0.1, 0.2, 0.2]).unwrap(),
            kind: AnnotationKind::Comment,
            text: None,
            ink: Ink::default(),
            score_delta: None,
            question: None,
        }
    }

    #[test]
    fn only_ink_has_lines_and_always() {
        let point = InkPoint::from_fractions([0.1, 0.1, 0.5]).unwrap();
        let drawn = Ink::new(vec![vec![point]]).unwrap();
        let kinds = |ink: &Ink| {
            let fits = |kind: &AnnotationKind| {
                let content = Content {
                    kind: *kind,
                    ink: ink.clone(),
                    ..content()
                };
                content.has_ink_as_its_kind_needs()
            };
            AnnotationKind::ALL
                .iter()
                .copied()
                .filter(fits)
                .collect::<Vec<_>>()
        };
        assert_eq!(kinds(&drawn), [AnnotationKind::Ink]);
        assert_eq!(kinds(&Ink::default()).len(), AnnotationKind::ALL.len() - 1);
    }

    #[test]
    fn there_is_an_end_to_lines_and_points() {
        let point = InkPoint::from_fractions([0.1, 0.1, 0.5]).unwrap();
        assert!(Ink::new(vec![vec![point; Ink::MAX_POINTS]]).is_some());
        assert!(Ink::new(vec![vec![point; Ink::MAX_POINTS + 1]]).is_none());
        assert!(Ink::new(vec![vec![point]; Ink::MAX_STROKES + 1]).is_none());
        assert!(Ink::new(vec![vec![]]).is_none());
    }

    #[test]
    fn a_change_is_told_by_the_parts_that_differ() {
        let changed = Content {
            kind: AnnotationKind::Bonus,
            score_delta: Some(Points::from_quarters(1)),
            ..content()
        };
        assert_eq!(
            changed.differences(&content()),
            [AnnotationField::Kind, AnnotationField::ScoreDelta]
        );
        assert_eq!(content().differences(&content()), []);
    }

    #[test]
    fn there_is_an_end_to_what_is_drawn_and_written_on_a_copy() {
        let line = |points| Content {
            kind: AnnotationKind::Ink,
            ink: Ink::new(vec![vec![
                InkPoint::from_fractions([0.1, 0.1, 0.5]).unwrap();
                points
            ]])
            .unwrap(),
            ..content()
        };
        let load = |annotations, ink_points| Load {
            annotations,
            ink_points,
        };
        assert_eq!(load(499, 99_990).admits(None, &line(10)), Ok(()));
        assert_eq!(
            load(500, 0).admits(None, &line(1)),
            Err(Refusal::TooManyAnnotations)
        );
        assert_eq!(load(1, 99_990).admits(None, &line(11)), Err(Refusal::TooMuchInk));
        assert_eq!(load(500, 100_000).admits(Some(&line(11)), &line(11)), Ok(()));
    }
}
