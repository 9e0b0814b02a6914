//! What sharing copies out has to know of them.

use diesel::prelude::*;
use domain::dispatch::Loads;
use domain::{CopyId, ExamId, Status, UserId};
use uuid::Uuid;

use crate::columns::Table;
use crate::copies::there;
use crate::error::Error;
use crate::schema::{annotations, appreciations, copies, drafts, remarks, scores};
use crate::wire::Wire;

/// Who is to correct what. Lock the exam before.
pub struct Dispatch<'a> {
    wire: Wire<'a>,
}

const COPIES: Table = Table("copies");

impl<'a> Dispatch<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// How many copies each corrector of an exam has, done or not.
    pub fn loads(&mut self, exam: ExamId) -> Result<Loads, Error> {
        let query = copies::table
            .filter(copies::exam_id.eq(Uuid::from(exam)))
            .filter(there())
            .filter(copies::corrector_id.is_not_null())
            .group_by(copies::corrector_id)
            .select((copies::corrector_id, diesel::dsl::count_star()));
        let rows: Vec<(Option<Uuid>, i64)> = self.wire.run(|connection| query.load(connection))?;
        let load = |(corrector, count): (Option<Uuid>, i64)| {
            Ok((COPIES.some(corrector)?.into(), COPIES.number(count)?))
        };
        rows.into_iter().map(load).collect()
    }

    /// The copies of an exam that are to be corrected and are nobody's, also those that somebody has begun with. They
    /// are locked until the transaction ends.
    pub fn waiting(&mut self, exam: ExamId) -> Result<Vec<CopyId>, Error> {
        let query = copies::table
            .filter(copies::exam_id.eq(Uuid::from(exam)))
            .filter(copies::status.eq_any([Status::Ready, Status::Locked].map(Status::as_str)))
            .filter(copies::corrector_id.is_null())
            .filter(there())
            .order(copies::id)
            .select(copies::id)
            .for_no_key_update();
        self.ids(|connection| query.load(connection))
    }

    /// The copies of an exam that are this corrector's, and on which nothing was written or scored yet. They are locked
    /// until the transaction ends.
    pub fn untouched(&mut self, exam: ExamId, corrector: UserId) -> Result<Vec<CopyId>, Error> {
        use diesel::dsl::{exists, not};
        let annotated = annotations::table.filter(annotations::copy_id.eq(copies::id));
        let scored = scores::table.filter(scores::copy_id.eq(copies::id));
        let remarked = remarks::table.filter(remarks::copy_id.eq(copies::id));
        let appreciated = appreciations::table.filter(appreciations::copy_id.eq(copies::id));
        let drafted = drafts::table
            .filter(drafts::copy_id.eq(copies::id))
            .filter(drafts::user_id.eq(Uuid::from(corrector)))
            .filter(drafts::payload.is_not_null());
        let query = copies::table
            .filter(copies::exam_id.eq(Uuid::from(exam)))
            .filter(copies::corrector_id.eq(Uuid::from(corrector)))
            .filter(copies::status.eq(Status::Ready.as_str()))
            .filter(there())
            .filter(not(exists(annotated)))
            .filter(not(exists(scored)))
            .filter(not(exists(remarked)))
            .filter(not(exists(appreciated)))
            .filter(not(exists(drafted)))
            .order(copies::id)
            .select(copies::id)
            .for_no_key_update();
        self.ids(|connection| query.load(connection))
    }

    /// The copies of an exam that are these people's and have no corrected document yet.
    pub fn unfinished(&mut self, exam: ExamId, correctors: &[UserId]) -> Result<Vec<CopyId>, Error> {
        let correctors: Vec<Uuid> = correctors.iter().copied().map(Uuid::from).collect();
        let query = copies::table
            .filter(copies::exam_id.eq(Uuid::from(exam)))
            .filter(copies::corrector_id.eq_any(correctors))
            .filter(copies::status.ne(Status::Graded.as_str()))
            .filter(there())
            .order(copies::id)
            .select(copies::id);
        self.ids(|connection| query.load(connection))
    }

    fn ids(
        &mut self,
        load: impl FnOnce(&mut PgConnection) -> QueryResult<Vec<Uuid>>,
    ) -> Result<Vec<CopyId>, Error> {
        let found = self.wire.run(load)?;
        Ok(found.into_iter().map(CopyId::from).collect())
    }
}
