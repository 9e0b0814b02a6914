//! Releases: the results of an exam as pupils were shown them.
//!
//! A release is frozen: it says what the graded copies of an exam had at that moment, under a number. There is at most
//! one that has not been withdrawn. Whose copy is whose is not part of it: that is asked when a result is read, so that
//! it can be mended at once, and forgotten.

use std::collections::BTreeMap;

use crate::Timestamp;
use crate::audit::{Event, Exported, Metadata};
use crate::copy::Asked;
use crate::digest::Digest;
use crate::exam::Exam;
use crate::ids::{CopyId, ExamId, Ids, ReleaseId, UserId};
use crate::points::Points;

/// The results of an exam as they were published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Release {
    /// Its id.
    pub id: ReleaseId,
    /// The exam.
    pub exam: ExamId,
    /// Counts the releases of the exam, from 1.
    pub number: u32,
    /// Who published it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
    /// Who withdrew it, and when.
    pub withdrawn: Option<(UserId, Timestamp)>,
}

/// Why nothing is published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotReleased {
    /// The results are published already.
    #[error("the results are released")]
    Released,
    /// No copy is graded.
    #[error("no copy is graded")]
    NothingGraded,
}

/// What a release says of a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The copy.
    pub copy: CopyId,
    /// What it was given.
    pub score: Points,
    /// Out of what.
    pub max: Points,
}

/// Events of many copies, in the order of their ids: two who record some lock the copies in the same order.
#[derive(Debug)]
#[must_use = "what is not recorded did not happen"]
pub struct Publication {
    events: Vec<Event>,
}

impl Publication {
    /// Somebody is given a table with the results of these copies.
    pub fn of_table(copies: impl IntoIterator<Item = CopyId>, table: Digest, asked: Asked) -> Self {
        let events = copies.into_iter().map(|copy| Event {
            copy,
            actor: asked.actor(),
            operation: asked.operation,
            metadata: Metadata::Export {
                variant: Exported::Results,
                sha256: table.to_string(),
            },
        });
        Self::in_order(events.collect())
    }

    /// The events.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    pub(crate) fn in_order(mut events: Vec<Event>) -> Self {
        events.sort_by_key(|event| event.copy);
        Self { events }
    }
}

impl Exam {
    /// Publishes the results of so many graded copies, as the release after `last`: the exam as it is then, and the
    /// release.
    pub fn release(
        self,
        graded: usize,
        last: Option<u32>,
        asked: Asked,
        ids: &Ids,
    ) -> Result<(Self, Release), NotReleased> {
        if self.released_at.is_some() {
            return Err(NotReleased::Released);
        }
        if graded == 0 {
            return Err(NotReleased::NothingGraded);
        }
        let release = Release {
            id: ids.next(),
            exam: self.id,
            number: last.map_or(1, |last| last.saturating_add(1)),
            by: asked.by,
            at: asked.now,
            withdrawn: None,
        };
        let exam = Self {
            released_at: Some(asked.now),
            version: self.version + 1,
            ..self
        };
        Ok((exam, release))
    }

    /// Takes the results back.
    #[must_use]
    pub fn withdraw(self) -> Self {
        Self {
            released_at: None,
            version: self.version + 1,
            ..self
        }
    }
}

impl Release {
    /// The same, withdrawn.
    #[must_use]
    pub fn withdrawn(self, asked: Asked) -> Self {
        Self {
            withdrawn: Some((asked.by, asked.now)),
            ..self
        }
    }

    /// What the trails of its copies say of it: that it was published, or withdrawn, with what it says.
    pub fn told(&self, standings: &[Standing], asked: Asked) -> Publication {
        let event = |standing: &Standing| Event {
            copy: standing.copy,
            actor: asked.actor(),
            operation: asked.operation,
            metadata: Metadata::Release {
                number: self.number,
                withdrawn: self.withdrawn.is_some(),
                score: standing.score,
                max: standing.max,
            },
        };
        Publication::in_order(standings.iter().map(event).collect())
    }
}

/// In what a release differs from the one before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Difference {
    /// On which copy.
    pub copy: CopyId,
    /// What the release before says of it, if it has it.
    pub previous: Option<Standing>,
    /// What this one says of it, if it has it.
    pub now: Option<Standing>,
}

/// The copies of which two releases say different things, in the order of their ids.
#[must_use]
pub fn differences(before: &[Standing], after: &[Standing]) -> Vec<Difference> {
    let mut copies: BTreeMap<CopyId, (Option<Standing>, Option<Standing>)> = BTreeMap::new();
    for standing in before {
        copies.entry(standing.copy).or_default().0 = Some(*standing);
    }
    for standing in after {
        copies.entry(standing.copy).or_default().1 = Some(*standing);
    }
    let differ = copies.into_iter().filter(|(_, (previous, now))| previous != now);
    differ
        .map(|(copy, (previous, now))| Difference { copy, previous, now })
        .collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::access::Through;
    use crate::exam::{ExamName, Layout};

    fn asked() -> Asked {
        Asked {
            by: Uuid::from_u128(7).into(),
            through: Through::Api,
            operation: Uuid::from_u128(8).into(),
            now: chrono::DateTime::from_timestamp(1000, 0).unwrap(),
        }
    }

    fn exam() -> Exam {
        Exam {
            id: Uuid::from_u128(1).into(),
            name: ExamName::new("Histoire").unwrap(),
            date: chrono::NaiveDate::from_ymd_opt(2026, 6, 15).unwrap(),
            pages_per_copy: None,
            layout: Layout::A4,
            identity_zone: None,
            correctors: Vec::new(),
            scheme: None,
            released_at: None,
            version: 4,
        }
    }

    fn standing(copy: u128, quarters: i32) -> Standing {
        Standing {
            copy: Uuid::from_u128(copy).into(),
            score: Points::from_quarters(quarters),
            max: Points::TWENTY,
        }
    }

    #[test]
    fn results_are_published_once_and_counted() {
        let ids = Ids::sequence();
        let (exam, first) = exam().release(2, None, asked(), &ids).unwrap();
        assert_eq!((exam.released_at, exam.version), (Some(asked().now), 5));
        assert_eq!((first.number, first.withdrawn), (1, None));
        let again = exam.clone().release(2, Some(1), asked(), &ids).err();
        assert_eq!(again, Some(NotReleased::Released));
        let exam = exam.withdraw();
        assert_eq!((exam.released_at, exam.version), (None, 6));
        assert_eq!(
            exam.clone().release(0, Some(1), asked(), &ids).err(),
            Some(NotReleased::NothingGraded)
        );
        let (_, second) = exam.release(1, Some(1), asked(), &ids).unwrap();
        assert_eq!(second.number, 2);
    }

    #[test]
    fn each_copy_is_told_what_the_release_says_of_it_in_the_order_of_their_ids() {
        let (_, release) = exam().release(2, None, asked(), &Ids::sequence()).unwrap();
        let standings = [standing(9, 50), standing(3, 7)];
        let told = |release: Release| {
            let publication = release.told(&standings, asked());
            let said = publication.events().iter();
            said.map(|event| (event.copy, serde_json::to_value(&event.metadata).unwrap()))
                .collect::<Vec<_>>()
        };
        let said =
            |withdrawn, score| json!({"number": 1, "withdrawn": withdrawn, "score": score, "max": "20"});
        let copy = |number| Uuid::from_u128(number).into();
        assert_eq!(
            told(release),
            [(copy(3), said(false, "1.75")), (copy(9), said(false, "12.5"))]
        );
        assert_eq!(
            told(release.withdrawn(asked())),
            [(copy(3), said(true, "1.75")), (copy(9), said(true, "12.5"))]
        );
    }

    #[test]
    fn releases_differ_where_a_copy_came_went_or_has_another_score() {
        let before = [standing(1, 10), standing(2, 20), standing(3, 30)];
        let after = [standing(4, 40), standing(3, 31), standing(2, 20)];
        let found: Vec<_> = differences(&before, &after)
            .into_iter()
            .map(|found| {
                let quarters =
                    |standing: Option<Standing>| standing.map(|standing| standing.score.quarters());
                (quarters(found.previous), quarters(found.now))
            })
            .collect();
        assert_eq!(found, [(Some(10), None), (Some(30), Some(31)), (None, Some(40))]);
        assert!(differences(&before, &before).is_empty());
    }
}
