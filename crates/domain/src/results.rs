//! Tables of the results of an exam, as files that other programs read. Pure: rows in, text out.
//!
//! `docs/exports.md` describes both formats to who reads them.

mod cell;
mod pronote;
mod table;

pub use pronote::pronote;
pub use table::table;

use std::collections::BTreeMap;

use crate::copy::AnonymousId;
use crate::ids::CopyId;
use crate::points::Points;
use crate::prose::Prose;
use crate::scheme::QuestionId;
use crate::student::{ClassName, Particulars, SchoolNumber};

/// A copy of a release with all that tables say of it.
#[derive(Clone)]
pub struct ResultRow {
    /// The copy.
    pub copy: CopyId,
    /// What correctors call it.
    pub anonymous_id: AnonymousId,
    /// Whose it is, if that is known.
    pub pupil: Option<Particulars>,
    /// What it was given.
    pub score: Points,
    /// Out of what.
    pub max: Points,
    /// The points of its questions.
    pub points: BTreeMap<QuestionId, Points>,
    /// The words about the whole.
    pub appreciation: Option<Prose>,
}

/// The cells that say who a pupil is, as the tables have them. A day is written as the table's readers write it.
struct Who {
    surname: String,
    given_names: String,
    class: String,
    birth_date: String,
    number: String,
}

impl Who {
    fn of(pupil: &Particulars, day: &str) -> Self {
        let birth_date = pupil.birth_date.map(|date| date.format(day).to_string());
        let class = pupil.class.as_ref().map(ClassName::expose);
        let number = pupil.number.as_ref().map(SchoolNumber::expose);
        Self {
            surname: pupil.surname.expose().to_owned(),
            given_names: pupil.given_names.expose().to_owned(),
            class: class.unwrap_or_default().to_owned(),
            birth_date: birth_date.unwrap_or_default(),
            number: number.unwrap_or_default().to_owned(),
        }
    }
}

#[cfg(test)]
mod samples {
    use uuid::Uuid;

    use super::*;
    use crate::student::{GivenNames, Surname};

    pub(super) fn pupil(surname: &str, given_names: &str, class: &str) -> Particulars {
        Particulars {
            surname: Surname::new(surname).unwrap(),
            given_names: GivenNames::new(given_names).unwrap(),
            birth_date: None,
            class: ClassName::new(class),
            number: None,
        }
    }

    pub(super) fn row(copy: u128, pupil: Option<Particulars>, (score, max): (i32, i32)) -> ResultRow {
        ResultRow {
            copy: Uuid::from_u128(copy).into(),
            anonymous_id: AnonymousId::restore("AAAA-2222"),
            pupil,
            score: Points::from_quarters(score),
            max: Points::from_quarters(max),
            points: BTreeMap::new(),
            appreciation: None,
        }
    }

    pub(super) fn said(row: ResultRow, words: &str) -> ResultRow {
        ResultRow {
            appreciation: Prose::new(words).unwrap(),
            ..row
        }
    }
}
