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
use crate::ids::{CopyId, ExamId, Ids, JobId, ReleaseId, UserId};
use crate::points::Points;
use crate::scheme::QuestionId;

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
            subject: copy.into(),
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
        events.sort_by_key(|event| event.subject.trail());
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
            subject: standing.copy.into(),
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

/// All that a pupil sees of a release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What it says of the copy.
    pub standing: Standing,
    /// The points of its questions.
    pub points: BTreeMap<QuestionId, Points>,
    /// The job that made the corrected document.
    pub document: JobId,
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
    /// Whether a question has other points.
    pub points: bool,
    /// Whether it is another corrected document.
    pub document: bool,
}

/// The copies of which pupils see different things in two releases, in the order of their ids.
#[must_use]
pub fn differences(before: &[Shown], after: &[Shown]) -> Vec<Difference> {
    let mut copies: BTreeMap<CopyId, (Option<&Shown>, Option<&Shown>)> = BTreeMap::new();
    for shown in before {
        copies.entry(shown.standing.copy).or_default().0 = Some(shown);
    }
    for shown in after {
        copies.entry(shown.standing.copy).or_default().1 = Some(shown);
    }
    let differ = copies.into_iter().filter(|(_, (previous, now))| previous != now);
    let difference = |(copy, (previous, now)): (CopyId, (Option<&Shown>, Option<&Shown>))| Difference {
        copy,
        previous: previous.map(|shown| shown.standing),
        now: now.map(|shown| shown.standing),
        points: previous.map(|shown| &shown.points) != now.map(|shown| &shown.points),
        document: previous.map(|shown| shown.document) != now.map(|shown| shown.document),
    };
    differ.map(difference).collect()
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

    fn shown(copy: u128, quarters: i32) -> Shown {
        Shown {
            standing: standing(copy, quarters),
            points: BTreeMap::new(),
            document: Uuid::from_u128(70 + copy).into(),
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
            said.map(|event| {
                (
                    event.subject.trail(),
                    serde_json::to_value(&event.metadata).unwrap(),
                )
            })
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
        let before = [shown(1, 10), shown(2, 20), shown(3, 30)];
        let after = [shown(4, 40), shown(3, 31), shown(2, 20)];
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

    #[test]
    fn what_is_as_much_in_all_differs_where_its_parts_do() {
        let before = [shown(1, 10), shown(2, 20), shown(3, 30)];
        let mut after = before.clone();
        after[0]
            .points
            .insert("1".parse().unwrap(), Points::from_quarters(10));
        after[1].document = Uuid::from_u128(99).into();
        let found: Vec<_> = differences(&before, &after)
            .into_iter()
            .map(|found| (found.copy, found.points, found.document))
            .collect();
        let copy = |number| shown(number, 0).standing.copy;
        assert_eq!(found, [(copy(1), true, false), (copy(2), false, true)]);
    }
}
