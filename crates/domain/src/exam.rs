//! Exams.

use crate::ids::{ExamId, UserId};
use crate::page::PageIndex;

personal_text! {
    /// What the school calls the exam.
    ExamName, at most 200 characters;
}

closed_names! {
    /// The paper that the copies are written on.
    Layout {
        /// Single A4 sheets.
        A4 = "A4",
        /// A3 sheets folded to A4 booklets.
        A3 = "A3",
    }
}

/// An exam as it is stored.
#[derive(Clone)]
pub struct Exam {
    /// Its id.
    pub id: ExamId,
    /// Its name.
    pub name: ExamName,
    /// The day it is written.
    pub date: chrono::NaiveDate,
    /// How many pages one copy has, where that is known beforehand.
    pub pages_per_copy: Option<u16>,
    /// Its paper.
    pub layout: Layout,
    /// Where pupils write who they are.
    pub identity_zone: Option<IdentityZone>,
    /// Who may correct its copies.
    pub correctors: Vec<UserId>,
    /// Counts the changes.
    pub version: i64,
}

closed_names! {
    /// On which pages of a copy the identity zone is.
    ZonePages {
        /// On the first page only.
        First = "first",
        /// On every page.
        All = "all",
    }
}

/// A rectangle of the displayed page, in millionths of its width and height.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentityZone {
    /// On which pages.
    pub pages: ZonePages,
    /// Left edge.
    pub x: u32,
    /// Upper edge.
    pub y: u32,
    /// Width.
    pub w: u32,
    /// Height.
    pub h: u32,
}

impl IdentityZone {
    const ONE: f64 = 1_000_000.0;

    /// From fractions of the page; `None` if the rectangle is empty or leaves the page.
    #[must_use]
    pub fn from_fractions(pages: ZonePages, [x, y, w, h]: [f64; 4]) -> Option<Self> {
        let inside = x >= 0.0 && y >= 0.0 && w > 0.0 && h > 0.0 && x + w <= 1.0 && y + h <= 1.0;
        if !inside {
            return None;
        }
        let (x, y) = (millionths(x), millionths(y));
        // Rounding must not push the far edges off the page.
        let (w, h) = (millionths(w).min(1_000_000 - x), millionths(h).min(1_000_000 - y));
        (w > 0 && h > 0).then_some(Self { pages, x, y, w, h })
    }

    /// Whether it is on this page.
    #[must_use]
    pub fn covers(&self, page: PageIndex) -> bool {
        match self.pages {
            ZonePages::First => page.get() == 0,
            ZonePages::All => true,
        }
    }

    /// As fractions of the page: x, y, w, h.
    #[must_use]
    pub fn fractions(&self) -> [f64; 4] {
        [self.x, self.y, self.w, self.h].map(|part| f64::from(part) / Self::ONE)
    }
}

#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the fraction was checked to lie in [0, 1]"
)]
fn millionths(fraction: f64) -> u32 {
    (fraction * IdentityZone::ONE).round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_lies_within_its_page() {
        let zone = |rectangle| IdentityZone::from_fractions(ZonePages::First, rectangle);
        assert!(zone([0.0, 0.0, 1.0, 0.2]).is_some());
        for outside in [
            [0.5, 0.0, 0.6, 0.1],
            [-0.1, 0.0, 0.2, 0.1],
            [0.0, 0.0, 0.0, 0.1],
            [0.0, f64::NAN, 0.1, 0.1],
        ] {
            assert!(zone(outside).is_none(), "{outside:?}");
        }
    }

    #[test]
    fn a_zone_reads_back_as_fractions_of_the_page() {
        let fractions =
            IdentityZone::from_fractions(ZonePages::All, [0.1, 0.25, 0.9, 0.5]).map(|zone| zone.fractions());
        assert_eq!(fractions, Some([0.1, 0.25, 0.9, 0.5]));
    }
}
