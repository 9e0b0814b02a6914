//! Exams.

use crate::Timestamp;
use crate::geometry::Rectangle;
use crate::ids::{ExamId, UserId};
use crate::page::PageIndex;
use crate::scheme::MarkingScheme;

personal_text! {
    /// What the school calls the exam.
    ExamName, at most 200 characters;
}

closed_names! {
    /// The paper that the copies are written on.
    Layout {
        /// A4: a page of the scan is a page of a copy.
        A4 = "A4",
        /// A3: a page of the scan has two pages side by side, the left one first.
        A3 = "A3",
        /// A3 folded once: the front of a sheet has the pages 4 and 1, the back 2 and 3.
        A3Folded = "A3_FOLDED",
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
    /// What its questions are worth.
    pub scheme: Option<MarkingScheme>,
    /// Since when pupils see their results.
    pub released_at: Option<Timestamp>,
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

/// Where pupils write who they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IdentityZone {
    /// On which pages.
    pub pages: ZonePages,
    /// Where on those.
    pub area: Rectangle,
}

/// The upper third of a page.
const UPPER_THIRD: Rectangle = Rectangle {
    x: 0,
    y: 0,
    w: 1_000_000,
    h: 333_333,
};

impl IdentityZone {
    /// The part of the first page that is shown to say who wrote a copy: the zone, or the upper third where none is set.
    #[must_use]
    pub fn shown(zone: Option<&Self>) -> Rectangle {
        zone.map_or(UPPER_THIRD, |zone| zone.area)
    }

    /// Whether it is on this page.
    #[must_use]
    pub fn covers(&self, page: PageIndex) -> bool {
        match self.pages {
            ZonePages::First => page.get() == 0,
            ZonePages::All => true,
        }
    }
}
