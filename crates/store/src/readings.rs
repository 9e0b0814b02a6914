//! What a machine read where pupils write who they are. It is personal, and apart from copies and their trails: it goes as
//! soon as it is known whose copy it is, or when nobody will ever ask: the database sees to that.

use std::collections::BTreeMap;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Nullable, Uuid as SqlUuid};
use domain::{CopyId, ExamId, Reading, Student};
use uuid::Uuid;

use crate::error::Error;
use crate::schema::{exam_classes, identity_readings, students};
use crate::students::{Row, student};
use crate::wire::Wire;

/// The table of readings.
pub struct Readings<'a> {
    wire: Wire<'a>,
}

/// Copies of an exam that wait for their pupil, that show who wrote them, and of which nothing was read or will be.
const UNREAD: &str = "
    SELECT c.id FROM grading.copies c
    JOIN grading.pages p ON p.copy_id = c.id AND p.index = 0 AND p.identity_digest IS NOT NULL
    WHERE c.exam_id = $1 AND c.id > coalesce($2, '00000000-0000-0000-0000-000000000000'::uuid)
        AND c.page_count IS NOT NULL AND NOT c.discarded AND NOT c.erased
        AND NOT EXISTS (SELECT FROM grading.identities i WHERE i.copy_id = c.id)
        AND NOT EXISTS (SELECT FROM grading.identity_readings r WHERE r.copy_id = c.id)
        AND NOT EXISTS (
            SELECT FROM grading.jobs j
            WHERE j.copy_id = c.id AND j.kind = 'READ_IDENTITY' AND j.state IN ('QUEUED', 'RUNNING')
        )
    ORDER BY c.id LIMIT $3";

#[derive(QueryableByName)]
struct Id {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

impl<'a> Readings<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Stores what was read on a copy, in the place of what was read before.
    pub fn put(&mut self, exam: ExamId, copy: CopyId, reading: &Reading) -> Result<(), Error> {
        self.forget(&[copy])?;
        let row = diesel::insert_into(identity_readings::table).values((
            identity_readings::copy_id.eq(Uuid::from(copy)),
            identity_readings::exam_id.eq(Uuid::from(exam)),
            identity_readings::reading.eq(reading.expose()),
        ));
        self.wire.run(|connection| row.execute(connection)).map(|_one| ())
    }

    /// What was read on the copies of an exam whose pupil is not known.
    pub fn of_exam(&mut self, exam: ExamId) -> Result<BTreeMap<CopyId, Reading>, Error> {
        let query = identity_readings::table
            .filter(identity_readings::exam_id.eq(Uuid::from(exam)))
            .select((identity_readings::copy_id, identity_readings::reading));
        let rows: Vec<(Uuid, String)> = self.wire.run(|connection| query.load(connection))?;
        let rows = rows.into_iter();
        Ok(rows
            .map(|(copy, reading)| (copy.into(), Reading::of(&reading)))
            .collect())
    }

    /// All that was read, of whatever exam.
    pub fn all(&mut self) -> Result<Vec<(CopyId, Reading)>, Error> {
        let query = identity_readings::table.select((identity_readings::copy_id, identity_readings::reading));
        let rows: Vec<(Uuid, String)> = self.wire.run(|connection| query.load(connection))?;
        let rows = rows.into_iter();
        Ok(rows
            .map(|(copy, reading)| (copy.into(), Reading::of(&reading)))
            .collect())
    }

    /// The pupils who write the exam: those of its classes, or all where no class is named.
    pub fn roster(&mut self, exam: ExamId) -> Result<Vec<Student>, Error> {
        let exam = Uuid::from(exam);
        let classes = exam_classes::table
            .filter(exam_classes::exam_id.eq(exam))
            .select(exam_classes::class_name);
        let classes: Vec<String> = self.wire.run(|connection| classes.load(connection))?;
        let mut query = students::table
            .order(students::id)
            .select(Row::as_select())
            .into_boxed();
        if !classes.is_empty() {
            query = query.filter(students::class_name.eq_any(classes));
        }
        let rows: Vec<Row> = self.wire.run(|connection| query.load(connection))?;
        rows.into_iter().map(student).collect()
    }

    /// Copies after `after` that wait for their pupil, that show who wrote them, and of which nothing was read or will be.
    pub fn unread(&mut self, exam: ExamId, after: Option<CopyId>, limit: u16) -> Result<Vec<CopyId>, Error> {
        let query = sql_query(UNREAD)
            .bind::<SqlUuid, _>(Uuid::from(exam))
            .bind::<Nullable<SqlUuid>, _>(after.map(Uuid::from))
            .bind::<BigInt, _>(i64::from(limit));
        let rows: Vec<Id> = self.wire.run(|connection| query.load(connection))?;
        Ok(rows.into_iter().map(|row| row.id.into()).collect())
    }

    /// Forgets what was read on these copies.
    pub fn forget(&mut self, copies: &[CopyId]) -> Result<(), Error> {
        let copies = copies.iter().copied().map(Uuid::from);
        let read = identity_readings::table.filter(identity_readings::copy_id.eq_any(copies));
        let delete = diesel::delete(read);
        self.wire
            .run(|connection| delete.execute(connection))
            .map(|_count| ())
    }
}
