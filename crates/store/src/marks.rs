//! Points and words about copies. They change through [`Tx::correct`](crate::Tx::correct); from here they are read.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use domain::{CopyId, ExamId, Marks, Points, Prose, QuestionId};
use uuid::Uuid;

use crate::change_sets::ChangeSets;
use crate::columns::Table;
use crate::copies::counted;
use crate::error::Error;
use crate::schema::{annotations, appreciations, copies, remarks, scores};
use crate::wire::Wire;

/// The tables of scores, remarks and appreciations.
pub struct MarksOfCopies<'a> {
    wire: Wire<'a>,
}

const SCORES: Table = Table("scores");
const REMARKS: Table = Table("remarks");
const APPRECIATIONS: Table = Table("appreciations");

/// The most that copies of an exam have for a question with what change sets gave them for it.
const ADJUSTED: &str = "
    SELECT question_id, max(quarters)::bigint AS quarters FROM (
        SELECT change_sets.question_id,
            greatest(coalesce(scores.quarters, 0) + sum(adjustments.delta_quarters), 0) AS quarters
        FROM grading.adjustments
        JOIN grading.change_sets ON change_sets.id = adjustments.change_set_id
        LEFT JOIN grading.scores
            ON scores.copy_id = adjustments.copy_id AND scores.question_id = change_sets.question_id
        WHERE change_sets.exam_id = $1 AND change_sets.question_id IS NOT NULL
        GROUP BY adjustments.copy_id, change_sets.question_id, scores.quarters
    ) AS given GROUP BY question_id";

#[derive(QueryableByName)]
struct AdjustedRow {
    #[diesel(sql_type = Text)]
    question_id: String,
    #[diesel(sql_type = BigInt)]
    quarters: i64,
}

impl<'a> MarksOfCopies<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// All marks of a copy.
    pub fn of(&mut self, copy: CopyId) -> Result<Marks, Error> {
        let id = Uuid::from(copy);
        let query = scores::table
            .filter(scores::copy_id.eq(id))
            .select((scores::question_id, scores::quarters));
        let given: Vec<(String, i64)> = self.wire.run(|connection| query.load(connection))?;
        let query = remarks::table
            .filter(remarks::copy_id.eq(id))
            .select((remarks::question_id, remarks::text));
        let said: Vec<(String, String)> = self.wire.run(|connection| query.load(connection))?;
        let query = annotations::table
            .filter(annotations::copy_id.eq(id))
            .filter(annotations::delta_quarters.is_not_null())
            .order(annotations::id)
            .select(annotations::delta_quarters.assume_not_null());
        let deltas: Vec<i64> = self.wire.run(|connection| query.load(connection))?;

        let score = |(question, quarters): (String, i64)| Ok((SCORES.parse(&question)?, points(quarters)?));
        let remark =
            |(question, text): (String, String)| Ok((REMARKS.parse(&question)?, prose(REMARKS, &text)?));
        Ok(Marks {
            scores: given.into_iter().map(score).collect::<Result<_, Error>>()?,
            remarks: said.into_iter().map(remark).collect::<Result<_, Error>>()?,
            appreciation: self.appreciation(copy)?,
            deltas: deltas.into_iter().map(points).collect::<Result<_, Error>>()?,
            adjustments: ChangeSets::new(self.wire.reborrow()).of(copy)?,
        })
    }

    /// The points of one question of a copy.
    pub fn score(&mut self, copy: CopyId, question: &QuestionId) -> Result<Option<Points>, Error> {
        let query = scores::table
            .find((Uuid::from(copy), question.as_str()))
            .select(scores::quarters);
        let quarters: Option<i64> = self.wire.run(|connection| query.first(connection).optional())?;
        quarters.map(points).transpose()
    }

    /// What is said about one question of a copy.
    pub fn remark(&mut self, copy: CopyId, question: &QuestionId) -> Result<Option<Prose>, Error> {
        let query = remarks::table
            .find((Uuid::from(copy), question.as_str()))
            .select(remarks::text);
        let text: Option<String> = self.wire.run(|connection| query.first(connection).optional())?;
        text.map(|text| prose(REMARKS, &text)).transpose()
    }

    /// What is said about a whole copy.
    pub fn appreciation(&mut self, copy: CopyId) -> Result<Option<Prose>, Error> {
        let query = appreciations::table
            .find(Uuid::from(copy))
            .select(appreciations::text);
        let text: Option<String> = self.wire.run(|connection| query.first(connection).optional())?;
        text.map(|text| prose(APPRECIATIONS, &text)).transpose()
    }

    /// What copies of an exam say about questions: each question once, with the most points that one of them gives it.
    /// What change sets have added counts; copies that were put aside, or erased without a score, do not.
    pub fn questions_in_use(&mut self, exam: ExamId) -> Result<Vec<(QuestionId, Points)>, Error> {
        let of_exam = copies::table
            .filter(copies::exam_id.eq(Uuid::from(exam)))
            .filter(counted())
            .select(copies::id);
        let query = scores::table
            .filter(scores::copy_id.eq_any(of_exam))
            .group_by(scores::question_id)
            .select((
                scores::question_id,
                diesel::dsl::max(scores::quarters).assume_not_null(),
            ));
        let given: Vec<(String, i64)> = self.wire.run(|connection| query.load(connection))?;
        let query = sql_query(ADJUSTED).bind::<SqlUuid, _>(Uuid::from(exam));
        let adjusted: Vec<AdjustedRow> = self.wire.run(|connection| query.load(connection))?;
        let adjusted = adjusted.into_iter().map(|row| (row.question_id, row.quarters));
        let query = remarks::table
            .filter(remarks::copy_id.eq_any(of_exam))
            .select(remarks::question_id)
            .distinct();
        let said: Vec<String> = self.wire.run(|connection| query.load(connection))?;
        let query = annotations::table
            .filter(annotations::copy_id.eq_any(of_exam))
            .filter(annotations::question_id.is_not_null())
            .select(annotations::question_id.assume_not_null())
            .distinct();
        let drawn: Vec<String> = self.wire.run(|connection| query.load(connection))?;
        let named = said.into_iter().chain(drawn).map(|question| (question, 0));
        let mut used: BTreeMap<QuestionId, Points> = BTreeMap::new();
        for (question, quarters) in given.into_iter().chain(adjusted).chain(named) {
            let most = used.entry(SCORES.parse(&question)?).or_default();
            *most = points(quarters)?.max(*most);
        }
        Ok(used.into_iter().collect())
    }

    /// Gives a question of a copy points, or takes them away.
    pub(crate) fn put_score(
        &mut self,
        copy: CopyId,
        question: &QuestionId,
        points: Option<Points>,
    ) -> Result<(), Error> {
        let key = (Uuid::from(copy), question.as_str());
        let Some(points) = points else {
            let delete = diesel::delete(scores::table.find(key));
            return self
                .wire
                .run(|connection| delete.execute(connection))
                .map(|_count| ());
        };
        let quarters = i64::from(points.quarters());
        let upsert = diesel::insert_into(scores::table)
            .values((
                scores::copy_id.eq(key.0),
                scores::question_id.eq(key.1),
                scores::quarters.eq(quarters),
            ))
            .on_conflict((scores::copy_id, scores::question_id))
            .do_update()
            .set(scores::quarters.eq(quarters));
        self.wire
            .run(|connection| upsert.execute(connection))
            .map(|_one| ())
    }

    /// Says something about a question of a copy, or nothing any more.
    pub(crate) fn put_remark(
        &mut self,
        copy: CopyId,
        question: &QuestionId,
        text: Option<&Prose>,
    ) -> Result<(), Error> {
        let key = (Uuid::from(copy), question.as_str());
        let Some(text) = text else {
            let delete = diesel::delete(remarks::table.find(key));
            return self
                .wire
                .run(|connection| delete.execute(connection))
                .map(|_count| ());
        };
        let upsert = diesel::insert_into(remarks::table)
            .values((
                remarks::copy_id.eq(key.0),
                remarks::question_id.eq(key.1),
                remarks::text.eq(text.expose()),
            ))
            .on_conflict((remarks::copy_id, remarks::question_id))
            .do_update()
            .set(remarks::text.eq(text.expose()));
        self.wire
            .run(|connection| upsert.execute(connection))
            .map(|_one| ())
    }

    /// Says something about a whole copy, or nothing any more.
    pub(crate) fn put_appreciation(&mut self, copy: CopyId, text: Option<&Prose>) -> Result<(), Error> {
        let key = Uuid::from(copy);
        let Some(text) = text else {
            let delete = diesel::delete(appreciations::table.find(key));
            return self
                .wire
                .run(|connection| delete.execute(connection))
                .map(|_count| ());
        };
        let upsert = diesel::insert_into(appreciations::table)
            .values((
                appreciations::copy_id.eq(key),
                appreciations::text.eq(text.expose()),
            ))
            .on_conflict(appreciations::copy_id)
            .do_update()
            .set(appreciations::text.eq(text.expose()));
        self.wire
            .run(|connection| upsert.execute(connection))
            .map(|_one| ())
    }
}

fn points(quarters: i64) -> Result<Points, Error> {
    SCORES.number(quarters).map(Points::from_quarters)
}

fn prose(table: Table, text: &str) -> Result<Prose, Error> {
    table.some(Prose::new(text).ok().flatten())
}
