//! Whose copy is whose. Apart from copies and their trails, so that it can be forgotten.

use diesel::prelude::*;
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

    /// The copies of a pupil.
    pub fn copies_of(&mut self, student: StudentId) -> Result<Vec<CopyId>, Error> {
        let query = identities::table
            .filter(identities::student_id.eq(Uuid::from(student)))
            .order(identities::copy_id)
            .select(identities::copy_id);
        let copies: Vec<Uuid> = self.wire.run(|connection| query.load(connection))?;
        Ok(copies.into_iter().map(CopyId::from).collect())
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
