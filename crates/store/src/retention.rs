//! What is kept no longer: finding it, and erasing what shows who wrote a copy and what was said about it.

use chrono::NaiveDate;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Date, Nullable, Uuid as SqlUuid};
use domain::retention::{Periods, kept_since};
use domain::{BatchId, CopyId, ExamId, StudentId};
use uuid::Uuid;

use crate::clock::clock_timestamp;
use crate::columns::Table;
use crate::error::Error;
use crate::identities::copies_of;
use crate::schema::{annotations, appreciations, batches, booklets, change_sets, drafts, remarks};
use crate::wire::Wire;

/// What is kept no longer.
pub struct Retention<'a> {
    wire: Wire<'a>,
}

/// What the periods of a school would have erased today.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Expired {
    /// Per exam, the day of it and how many of its copies.
    pub exams: Vec<ExpiredExam>,
    /// How many scans that could not be taken apart.
    pub scans: u64,
    /// How many pupils can be forgotten.
    pub pupils: u64,
    /// How many copies go with them, of whatever exam.
    pub their_copies: u64,
    /// How many pupils cannot, because a corrector or a worker has one of their copies in hand.
    pub held_pupils: u64,
}

/// Copies of one exam that are kept no longer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpiredExam {
    /// The exam.
    pub exam: ExamId,
    /// The day it was written.
    pub date: NaiveDate,
    /// How many of its copies can be erased.
    pub copies: u64,
    /// How many cannot, because a corrector or a worker has them in hand.
    pub held: u64,
}

/// Copies that are not kept. What is compared with no day is kept.
const COPIES: &str = "
    FROM grading.copies c JOIN grading.exams e ON e.id = c.exam_id
    WHERE NOT c.erased AND (e.date < $1 OR (c.discarded AND c.updated_at < $2))";

/// A corrector or a worker has the copy `c` in hand.
const HELD: &str = "(
    c.status IN ('LOCKED', 'GRADING_IN_PROGRESS')
    OR (c.status = 'STAGING' AND NOT c.discarded AND c.page_count IS NULL AND c.failure IS NULL)
)";

/// Pupils whom no list and no exam has had since. What is compared with no day is kept.
const PUPILS: &str = "
    FROM grading.students s
    WHERE s.created_at < $1 AND (s.last_seen < $1) IS NOT FALSE AND NOT EXISTS (
        SELECT FROM grading.identities i
        JOIN grading.copies c ON c.id = i.copy_id JOIN grading.exams e ON e.id = c.exam_id
        WHERE i.student_id = s.id AND e.date >= $1
    )";

/// Copies of the pupil `s` that were not put aside.
const THEIR_COPIES: &str =
    "FROM grading.identities i JOIN grading.copies c ON c.id = i.copy_id WHERE i.student_id = s.id";

/// Scans of many copies that could not be taken apart: nobody knows whom they show. What is compared with no day is kept.
const SCANS: &str = "
    grading.batches b JOIN grading.exams e ON e.id = b.exam_id
    WHERE b.status = 'FAILED' AND NOT b.erased AND (e.date < $1 OR b.ended_at < $2)";

const STUDENTS: Table = Table("students");
const BATCHES: Table = Table("batches");

#[derive(QueryableByName)]
struct ExamRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Date)]
    date: NaiveDate,
    #[diesel(sql_type = BigInt)]
    free: i64,
    #[diesel(sql_type = BigInt)]
    held: i64,
}

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[derive(QueryableByName)]
struct PupilsRow {
    #[diesel(sql_type = BigInt)]
    free: i64,
    #[diesel(sql_type = BigInt)]
    copies: i64,
    #[diesel(sql_type = BigInt)]
    held: i64,
}

impl<'a> Retention<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// What these periods would have erased.
    pub fn expired(&mut self, periods: Periods) -> Result<Expired, Error> {
        let today = self.today()?;
        let query = sql_query(format!(
            "SELECT e.id, e.date, count(*) FILTER (WHERE NOT {HELD}) AS free, count(*) FILTER (WHERE {HELD}) AS held
             {COPIES} GROUP BY e.id, e.date ORDER BY e.date, e.id"
        ))
        .bind::<Nullable<Date>, _>(kept_since(periods.copies, today))
        .bind::<Nullable<Date>, _>(kept_since(periods.discarded, today));
        let rows: Vec<ExamRow> = self.wire.run(|connection| query.load(connection))?;
        let exam = |row: ExamRow| {
            Ok(ExpiredExam {
                exam: row.id.into(),
                date: row.date,
                copies: STUDENTS.number(row.free)?,
                held: STUDENTS.number(row.held)?,
            })
        };
        let theirs = copies_of("s.id");
        let query = sql_query(format!(
            "SELECT count(*) FILTER (WHERE NOT held) AS free, count(*) FILTER (WHERE held) AS held,
                coalesce(sum(copies) FILTER (WHERE NOT held), 0)::bigint AS copies
             FROM (
                SELECT EXISTS (SELECT {THEIR_COPIES} AND {HELD}) AS held, (SELECT count(*) FROM ({theirs}) t) AS copies
                {PUPILS}
             ) AS pupils"
        ))
        .bind::<Nullable<Date>, _>(kept_since(periods.pupils, today));
        let pupils: PupilsRow = self.wire.run(|connection| query.get_result(connection))?;
        let query = sql_query(format!("SELECT count(*) AS count FROM {SCANS}"))
            .bind::<Nullable<Date>, _>(kept_since(periods.copies, today))
            .bind::<Nullable<Date>, _>(kept_since(periods.discarded, today));
        let scans: Count = self.wire.run(|connection| query.get_result(connection))?;
        Ok(Expired {
            exams: rows.into_iter().map(exam).collect::<Result<_, Error>>()?,
            scans: BATCHES.number(scans.count)?,
            pupils: STUDENTS.number(pupils.free)?,
            their_copies: STUDENTS.number(pupils.copies)?,
            held_pupils: STUDENTS.number(pupils.held)?,
        })
    }

    /// Some of the copies that these periods would have erased, and that can be.
    pub fn copies(&mut self, periods: Periods, limit: u16) -> Result<Vec<CopyId>, Error> {
        let today = self.today()?;
        let query = sql_query(format!(
            "SELECT c.id {COPIES} AND NOT {HELD} ORDER BY c.id LIMIT {limit}"
        ))
        .bind::<Nullable<Date>, _>(kept_since(periods.copies, today))
        .bind::<Nullable<Date>, _>(kept_since(periods.discarded, today));
        let rows: Vec<Id> = self.wire.run(|connection| query.load(connection))?;
        Ok(rows.into_iter().map(|row| row.id.into()).collect())
    }

    /// Some of the pupils that these periods would have forgotten, and that can be.
    pub fn pupils(&mut self, periods: Periods, limit: u16) -> Result<Vec<StudentId>, Error> {
        let today = self.today()?;
        let query = sql_query(format!(
            "SELECT s.id {PUPILS} AND NOT EXISTS (SELECT {THEIR_COPIES} AND {HELD}) ORDER BY s.id LIMIT {limit}"
        ))
        .bind::<Nullable<Date>, _>(kept_since(periods.pupils, today));
        let rows: Vec<Id> = self.wire.run(|connection| query.load(connection))?;
        Ok(rows.into_iter().map(|row| row.id.into()).collect())
    }

    /// Erases the scans that these periods would have erased, and says which.
    pub fn erase_scans(&mut self, periods: Periods) -> Result<Vec<BatchId>, Error> {
        let today = self.today()?;
        let update = sql_query(format!(
            "UPDATE grading.batches SET erased = true
             WHERE id IN (SELECT b.id FROM {SCANS} ORDER BY b.id FOR NO KEY UPDATE OF b)
             RETURNING id"
        ))
        .bind::<Nullable<Date>, _>(kept_since(periods.copies, today))
        .bind::<Nullable<Date>, _>(kept_since(periods.discarded, today));
        let rows: Vec<Id> = self.wire.run(|connection| update.load(connection))?;
        Ok(rows.into_iter().map(|row| row.id.into()).collect())
    }

    /// That a pupil was at the school when they wrote a copy: when that is erased, nothing else will say it.
    pub fn saw(&mut self, student: StudentId, copy: CopyId) -> Result<(), Error> {
        let seen = sql_query(
            "UPDATE grading.students SET last_seen = GREATEST(last_seen, exams.date)
             FROM grading.copies JOIN grading.exams ON exams.id = copies.exam_id
             WHERE copies.id = $2 AND students.id = $1",
        )
        .bind::<SqlUuid, _>(Uuid::from(student))
        .bind::<SqlUuid, _>(Uuid::from(copy));
        self.wire
            .run(|connection| seen.execute(connection))
            .map(|_count| ())
    }

    fn today(&mut self) -> Result<NaiveDate, Error> {
        let now: domain::Timestamp = self
            .wire
            .run(|connection| diesel::select(clock_timestamp()).get_result(connection))?;
        Ok(now.date_naive())
    }

    /// Erases what may show or name anybody of an exam: why scores were changed, also where somebody's stayed as it was, and
    /// scans that could not be taken apart.
    pub fn erase_of_exam(&mut self, exam: ExamId) -> Result<(), Error> {
        let exam = Uuid::from(exam);
        let reasons = diesel::update(change_sets::table.filter(change_sets::exam_id.eq(exam)))
            .set(change_sets::reason.eq(None::<&str>));
        self.wire.run(|connection| reasons.execute(connection))?;
        let scans = sql_query(
            "UPDATE grading.batches SET erased = true WHERE exam_id = $1 AND status = 'FAILED' AND NOT erased",
        )
        .bind::<SqlUuid, _>(exam);
        self.wire
            .run(|connection| scans.execute(connection))
            .map(|_count| ())
    }

    /// Erases what was written about a copy, and the scan that it was cut out of with others. What it refers to on its
    /// own is no longer referred to since it is erased.
    pub(crate) fn erase(&mut self, copy: CopyId) -> Result<(), Error> {
        let copy = Uuid::from(copy);
        let annotations = diesel::delete(annotations::table.filter(annotations::copy_id.eq(copy)));
        self.wire.run(|connection| annotations.execute(connection))?;
        let remarks = diesel::delete(remarks::table.filter(remarks::copy_id.eq(copy)));
        self.wire.run(|connection| remarks.execute(connection))?;
        let appreciations = diesel::delete(appreciations::table.filter(appreciations::copy_id.eq(copy)));
        self.wire.run(|connection| appreciations.execute(connection))?;
        let drafts = diesel::update(drafts::table.filter(drafts::copy_id.eq(copy)))
            .set(drafts::payload.eq(None::<&str>));
        self.wire.run(|connection| drafts.execute(connection))?;
        // The same bytes may come again: nobody remembers them.
        let files = diesel::update(booklets::table.filter(booklets::copy_id.eq(copy)))
            .set(booklets::discarded.eq(true));
        self.wire.run(|connection| files.execute(connection))?;
        let batch = booklets::table
            .filter(booklets::copy_id.eq(copy))
            .filter(booklets::batch_id.is_not_null())
            .select(booklets::batch_id.assume_not_null());
        let scan =
            diesel::update(batches::table.filter(batches::id.eq_any(batch))).set(batches::erased.eq(true));
        self.wire
            .run(|connection| scan.execute(connection))
            .map(|_count| ())
    }
}
