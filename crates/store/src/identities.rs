//! Whose copy is whose. Apart from copies and their trails, so that it can be forgotten.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Uuid as SqlUuid;
use domain::audit::IdentityMethod;
use domain::{CopyId, ExamId, StudentId};
use uuid::Uuid;

use crate::columns::Table;
use crate::error::Error;
use crate::schema::identities;
use crate::wire::Wire;

/// The table of what is known about whose copy is whose.
pub struct Identities<'a> {
    wire: Wire<'a>,
}

const IDENTITIES: Table = Table("identities");

/// That a copy is a pupil's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Identity {
    /// The copy.
    pub copy: CopyId,
    /// The pupil.
    pub student: StudentId,
    /// How that was found out.
    pub method: IdentityMethod,
}

#[derive(QueryableByName)]
struct CopyRow {
    #[diesel(sql_type = SqlUuid)]
    copy_id: Uuid,
}

/// The copies of a pupil in SQL. Of those that were put aside as theirs, only the trail says it: who they were was taken
/// back with it.
pub(crate) fn copies_of(student: &str) -> String {
    format!(
        "SELECT copy_id FROM grading.identities WHERE student_id = {student}
         UNION SELECT aside.id FROM grading.copies aside
         JOIN grading.grading_events lost ON lost.copy_id = aside.id AND lost.action = 'IDENTIFY'
         JOIN grading.grading_events gone ON gone.copy_id = aside.id AND gone.action = 'DISCARD'
            AND gone.operation_id = lost.operation_id
         WHERE aside.discarded AND NOT aside.erased AND lost.metadata ->> 'student_id' = {student}::text"
    )
}

impl<'a> Identities<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Adds whose copy it is; [`Tx::identify`](crate::Tx::identify) does it with its event.
    /// [`Constraint::StudentHasCopy`](crate::Constraint) if the pupil has another copy of the exam.
    pub(crate) fn insert(&mut self, exam: ExamId, identity: Identity) -> Result<(), Error> {
        let row = diesel::insert_into(identities::table).values((
            identities::copy_id.eq(Uuid::from(identity.copy)),
            identities::exam_id.eq(Uuid::from(exam)),
            identities::student_id.eq(Uuid::from(identity.student)),
            identities::method.eq(identity.method.as_str()),
        ));
        self.wire
            .run(|connection| row.execute(connection))
            .map(|_count| ())
    }

    /// Whose copy it is, if that is known.
    pub fn of(&mut self, copy: CopyId) -> Result<Option<Identity>, Error> {
        let query = identities::table.find(Uuid::from(copy)).select((
            identities::copy_id,
            identities::student_id,
            identities::method,
        ));
        let row: Option<(Uuid, Uuid, String)> =
            self.wire.run(|connection| query.first(connection).optional())?;
        row.map(identity).transpose()
    }

    /// The copies of a pupil, also those that were put aside as theirs, in the order of their ids.
    pub fn copies_of(&mut self, student: StudentId) -> Result<Vec<CopyId>, Error> {
        let query = sql_query(format!("{} ORDER BY copy_id", copies_of("$1")))
            .bind::<SqlUuid, _>(Uuid::from(student));
        let copies: Vec<CopyRow> = self.wire.run(|connection| query.load(connection))?;
        Ok(copies.into_iter().map(|row| row.copy_id.into()).collect())
    }

    /// Whose copies those of an exam are, as far as it is known.
    pub fn of_exam(&mut self, exam: ExamId) -> Result<Vec<Identity>, Error> {
        let query = identities::table
            .filter(identities::exam_id.eq(Uuid::from(exam)))
            .order(identities::copy_id)
            .select((identities::copy_id, identities::student_id, identities::method));
        let rows: Vec<(Uuid, Uuid, String)> = self.wire.run(|connection| query.load(connection))?;
        rows.into_iter().map(identity).collect()
    }

    /// Forgets whose copy it is.
    pub(crate) fn delete(&mut self, copy: CopyId) -> Result<(), Error> {
        let delete = diesel::delete(identities::table.find(Uuid::from(copy)));
        self.wire
            .run(|connection| delete.execute(connection))
            .map(|_count| ())
    }
}

fn identity((copy, student, method): (Uuid, Uuid, String)) -> Result<Identity, Error> {
    Ok(Identity {
        copy: copy.into(),
        student: student.into(),
        method: IDENTITIES.parse(&method)?,
    })
}
