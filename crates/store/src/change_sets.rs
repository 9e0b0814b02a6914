//! Sets of changes, and what they did to copies.

use diesel::prelude::*;
use domain::change_set::{Adjustment, ChangeSet};
use domain::user::DisplayName;
use domain::{ChangeSetId, CopyId, ExamId, Points, Prose, QuestionId, Timestamp};
use uuid::Uuid;

use crate::columns::Table;
use crate::error::Error;
use crate::listing::{Listing, with_one_more};
use crate::schema::{adjustments, change_sets, users};
use crate::wire::Wire;

/// A set of changes as it is shown.
#[derive(Clone)]
pub struct ChangeSetView {
    /// The set.
    pub change_set: ChangeSet,
    /// What whoever made it is called.
    pub by_name: DisplayName,
    /// How many copies it changed.
    pub copies: i64,
}

/// The tables of sets of changes and of adjustments.
pub struct ChangeSets<'a> {
    wire: Wire<'a>,
}

const CHANGE_SETS: Table = Table("change_sets");
const ADJUSTMENTS: Table = Table("adjustments");

#[derive(Queryable, Selectable)]
#[diesel(table_name = change_sets)]
struct Row {
    id: Uuid,
    exam_id: Uuid,
    created_by: Uuid,
    created_at: Timestamp,
    reason_code: String,
    reason: Option<String>,
    question_id: Option<String>,
    delta_quarters: i64,
}

impl<'a> ChangeSets<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Adds a set of changes, before what it does to copies.
    pub fn insert(&mut self, change_set: &ChangeSet) -> Result<(), Error> {
        let row = diesel::insert_into(change_sets::table).values((
            change_sets::id.eq(Uuid::from(change_set.id)),
            change_sets::exam_id.eq(Uuid::from(change_set.exam)),
            change_sets::created_by.eq(Uuid::from(change_set.by)),
            change_sets::created_at.eq(change_set.at),
            change_sets::reason_code.eq(change_set.reason.as_str()),
            change_sets::reason.eq(change_set.words.as_ref().map(Prose::expose)),
            change_sets::question_id.eq(change_set.question.as_ref().map(QuestionId::as_str)),
            change_sets::delta_quarters.eq(i64::from(change_set.delta.quarters())),
        ));
        self.wire.run(|connection| row.execute(connection)).map(|_one| ())
    }

    /// Sets of changes of an exam after one, the first first.
    pub fn page(
        &mut self,
        exam: ExamId,
        after: Option<ChangeSetId>,
        limit: u16,
    ) -> Result<Listing<ChangeSetView, ChangeSetId>, Error> {
        let copies = adjustments::table
            .filter(adjustments::change_set_id.eq(change_sets::id))
            .count();
        let query = change_sets::table
            .inner_join(users::table)
            .filter(change_sets::exam_id.eq(Uuid::from(exam)))
            .filter(change_sets::id.gt(after.map_or(Uuid::nil(), Uuid::from)))
            .order(change_sets::id)
            .limit(with_one_more(limit))
            .select((
                Row::as_select(),
                users::display_name,
                copies.single_value().assume_not_null(),
            ));
        let rows: Vec<(Row, String, i64)> = self.wire.run(|connection| query.load(connection))?;
        let items = rows.into_iter().map(view).collect::<Result<Vec<_>, _>>()?;
        Ok(Listing::of(items, limit, |view| view.change_set.id))
    }

    /// What was done to a copy, in the order in which it was.
    pub fn of(&mut self, copy: CopyId) -> Result<Vec<Adjustment>, Error> {
        let query = adjustments::table
            .inner_join(change_sets::table)
            .filter(adjustments::copy_id.eq(Uuid::from(copy)))
            .order(adjustments::change_set_id)
            .select((
                adjustments::change_set_id,
                change_sets::reason_code,
                change_sets::question_id,
                adjustments::delta_quarters,
            ));
        let rows: Vec<(Uuid, String, Option<String>, i64)> =
            self.wire.run(|connection| query.load(connection))?;
        rows.into_iter()
            .map(|(change_set, reason, question, quarters)| {
                Ok(Adjustment {
                    change_set: change_set.into(),
                    reason: CHANGE_SETS.parse(&reason)?,
                    question: CHANGE_SETS.parse_some(question.as_deref())?,
                    delta: ADJUSTMENTS.number(quarters).map(Points::from_quarters)?,
                })
            })
            .collect()
    }

    /// Adds what a set of changes does to a copy, which is GRADED.
    pub(crate) fn adjust(&mut self, copy: CopyId, adjustment: &Adjustment) -> Result<(), Error> {
        let row = diesel::insert_into(adjustments::table).values((
            adjustments::copy_id.eq(Uuid::from(copy)),
            adjustments::change_set_id.eq(Uuid::from(adjustment.change_set)),
            adjustments::delta_quarters.eq(i64::from(adjustment.delta.quarters())),
        ));
        self.wire.run(|connection| row.execute(connection)).map(|_one| ())
    }
}

fn view((row, by_name, copies): (Row, String, i64)) -> Result<ChangeSetView, Error> {
    let words = row
        .reason
        .map(|text| CHANGE_SETS.some(Prose::new(&text).ok().flatten()));
    Ok(ChangeSetView {
        change_set: ChangeSet {
            id: row.id.into(),
            exam: row.exam_id.into(),
            by: row.created_by.into(),
            at: row.created_at,
            reason: CHANGE_SETS.parse(&row.reason_code)?,
            words: words.transpose()?,
            question: CHANGE_SETS.parse_some(row.question_id.as_deref())?,
            delta: CHANGE_SETS
                .number(row.delta_quarters)
                .map(Points::from_quarters)?,
        },
        by_name: CHANGE_SETS.some(DisplayName::new(&by_name))?,
        copies,
    })
}
