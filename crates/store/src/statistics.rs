//! What an exam looks like in numbers: how far its copies are, and what the graded ones were given.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Text, Uuid as SqlUuid};
use domain::statistics::{Given, Scores};
use domain::{ExamId, Points, QuestionId, Status, UserId};
use uuid::Uuid;

use crate::columns::Table;
use crate::copies::counted;
use crate::error::Error;
use crate::schema::copies;
use crate::wire::Wire;

/// Copies and their points, counted.
pub struct Statistics<'a> {
    wire: Wire<'a>,
}

/// How many copies of a corrector, or of nobody in particular, are in a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    /// Whose.
    pub corrector: Option<UserId>,
    /// In which state.
    pub status: Status,
    /// How many.
    pub copies: u32,
}

const COPIES: Table = Table("copies");
const SCORES: Table = Table("scores");

const GIVEN: &str = "
    SELECT s.question_id, sum(s.quarters)::bigint AS sum, sum(s.quarters * s.quarters)::bigint AS squares,
        sum(s.quarters * c.score_quarters)::bigint AS products
    FROM grading.copies c JOIN grading.scores s ON s.copy_id = c.id
    WHERE c.exam_id = $1 AND c.status = 'GRADED' AND NOT c.discarded AND ($2 IS NULL OR c.corrector_id = $2)
    GROUP BY s.question_id";

#[derive(QueryableByName)]
struct GivenRow {
    #[diesel(sql_type = Text)]
    question_id: String,
    #[diesel(sql_type = BigInt)]
    sum: i64,
    #[diesel(sql_type = BigInt)]
    squares: i64,
    #[diesel(sql_type = BigInt)]
    products: i64,
}

impl<'a> Statistics<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// How far the copies of an exam are.
    pub fn progress(&mut self, exam: ExamId) -> Result<Vec<Progress>, Error> {
        let query = copies::table
            .filter(copies::exam_id.eq(Uuid::from(exam)))
            .filter(counted())
            .group_by((copies::corrector_id, copies::status))
            .order((copies::corrector_id, copies::status))
            .select((copies::corrector_id, copies::status, diesel::dsl::count_star()));
        let rows: Vec<(Option<Uuid>, String, i64)> = self.wire.run(|connection| query.load(connection))?;
        let progress = |(corrector, status, count): (Option<Uuid>, String, i64)| {
            Ok(Progress {
                corrector: corrector.map(UserId::from),
                status: COPIES.parse(&status)?,
                copies: COPIES.number(count)?,
            })
        };
        rows.into_iter().map(progress).collect()
    }

    /// The scores of the graded copies of an exam, of all or of one corrector's.
    pub fn scores(&mut self, exam: ExamId, corrector: Option<UserId>) -> Result<Scores, Error> {
        let mut query = copies::table
            .filter(copies::exam_id.eq(Uuid::from(exam)))
            .filter(copies::status.eq(Status::Graded.as_str()))
            .filter(diesel::dsl::not(copies::discarded))
            .select(copies::score_quarters.assume_not_null())
            .into_boxed();
        if let Some(corrector) = corrector {
            query = query.filter(copies::corrector_id.eq(Uuid::from(corrector)));
        }
        let found: Vec<i64> = self.wire.run(|connection| query.load(connection))?;
        let points = |quarters: i64| Ok(Points::from_quarters(COPIES.number(quarters)?));
        let scores = found.into_iter().map(points).collect::<Result<Vec<_>, Error>>()?;
        Ok(Scores::of(scores))
    }

    /// What the same copies were given per question. Questions that nobody has points for are not there.
    pub fn given(
        &mut self,
        exam: ExamId,
        corrector: Option<UserId>,
    ) -> Result<BTreeMap<QuestionId, Given>, Error> {
        let query = sql_query(GIVEN)
            .bind::<SqlUuid, _>(Uuid::from(exam))
            .bind::<Nullable<SqlUuid>, _>(corrector.map(Uuid::from));
        let rows: Vec<GivenRow> = self.wire.run(|connection| query.load(connection))?;
        let given = |row: GivenRow| {
            let given = Given {
                sum: row.sum,
                squares: row.squares,
                products: row.products,
            };
            Ok((SCORES.parse(&row.question_id)?, given))
        };
        rows.into_iter().map(given).collect()
    }
}
