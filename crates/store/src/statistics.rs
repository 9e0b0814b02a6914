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

/// Both lots out of one reading of what all copies were given.
const GIVEN: &str = "
    SELECT question_id,
        sum(quarters)::bigint AS sum, sum(squares)::bigint AS squares, sum(products)::bigint AS products,
        coalesce(sum(quarters) FILTER (WHERE is_own), 0)::bigint AS own_sum,
        coalesce(sum(squares) FILTER (WHERE is_own), 0)::bigint AS own_squares,
        coalesce(sum(products) FILTER (WHERE is_own), 0)::bigint AS own_products
    FROM (
        SELECT s.question_id, s.quarters, s.quarters * s.quarters AS squares, s.quarters * c.score_quarters AS products,
            c.corrector_id = $2 AS is_own
        FROM grading.copies c JOIN grading.scores s ON s.copy_id = c.id
        WHERE c.exam_id = $1 AND c.status = 'GRADED' AND NOT c.discarded
    ) AS given GROUP BY question_id";

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
    #[diesel(sql_type = BigInt)]
    own_sum: i64,
    #[diesel(sql_type = BigInt)]
    own_squares: i64,
    #[diesel(sql_type = BigInt)]
    own_products: i64,
}

/// What graded copies of an exam were given per question. Questions that nobody has points for are not there.
#[derive(Debug, Default)]
pub struct GivenPoints {
    /// All copies.
    pub all: BTreeMap<QuestionId, Given>,
    /// Those of one corrector.
    pub own: BTreeMap<QuestionId, Given>,
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

    /// What the same copies were given per question, and those of this corrector.
    pub fn given(&mut self, exam: ExamId, own: Option<UserId>) -> Result<GivenPoints, Error> {
        let query = sql_query(GIVEN)
            .bind::<SqlUuid, _>(Uuid::from(exam))
            .bind::<Nullable<SqlUuid>, _>(own.map(Uuid::from));
        let rows: Vec<GivenRow> = self.wire.run(|connection| query.load(connection))?;
        let mut given = GivenPoints::default();
        for row in rows {
            let question: QuestionId = SCORES.parse(&row.question_id)?;
            let all = Given {
                sum: row.sum,
                squares: row.squares,
                products: row.products,
            };
            let own = Given {
                sum: row.own_sum,
                squares: row.own_squares,
                products: row.own_products,
            };
            given.all.insert(question.clone(), all);
            given.own.insert(question, own);
        }
        Ok(given)
    }
}
