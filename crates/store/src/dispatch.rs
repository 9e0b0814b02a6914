//! What sharing copies out has to know of them.

use std::collections::BTreeMap;

use diesel::prelude::*;
use domain::audit::Action;
use domain::dispatch::Loads;
use domain::{CopyId, ExamId, Status, UserId};
use uuid::Uuid;

use crate::columns::Table;
use crate::copies::there;
use crate::error::Error;
use crate::schema::{copies, grading_events};
use crate::touched::touched;
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

    /// The copies of an exam that are to be shared out: those that are to be corrected and are nobody's, also where
    /// somebody has begun with them, and those of who is absent that nobody has begun with. They are locked until the
    /// transaction ends, in the order of their ids.
    pub fn waiting(&mut self, exam: ExamId, absent: &[UserId]) -> Result<Vec<CopyId>, Error> {
        let absent: Vec<Uuid> = absent.iter().copied().map(Uuid::from).collect();
        let nobodys = copies::corrector_id
            .is_null()
            .and(copies::status.eq_any([Status::Ready, Status::Locked].map(Status::as_str)));
        let given_back = copies::corrector_id
            .eq_any(absent)
            .and(copies::status.eq(Status::Ready.as_str()))
            .and(diesel::dsl::not(touched()));
        let query = copies::table
            .filter(copies::exam_id.eq(Uuid::from(exam)))
            .filter(there())
            .filter(nobodys.or(given_back.assume_not_null()))
            .order(copies::id)
            .select(copies::id)
            .for_no_key_update();
        self.ids(|connection| query.load(connection))
    }

    /// Those of these copies that somebody has begun with, each with which of `correctors` had it last.
    pub fn begun(
        &mut self,
        ids: &[CopyId],
        correctors: impl Iterator<Item = UserId>,
    ) -> Result<BTreeMap<CopyId, Option<UserId>>, Error> {
        let ids: Vec<Uuid> = ids.iter().copied().map(Uuid::from).collect();
        let correctors: Vec<Uuid> = correctors.map(Uuid::from).collect();
        let begun = copies::table
            .filter(copies::id.eq_any(ids))
            .filter(touched())
            .select(copies::id);
        let begun: Vec<Uuid> = self.wire.run(|connection| begun.load(connection))?;
        let query = grading_events::table
            .filter(grading_events::copy_id.eq_any(&begun))
            .filter(grading_events::actor_id.eq_any(correctors))
            .filter(grading_events::action.eq(Action::Lock.as_str()))
            .order((grading_events::copy_id, grading_events::seq.desc()))
            .distinct_on(grading_events::copy_id)
            .select((grading_events::copy_id, grading_events::actor_id));
        let rows: Vec<(Uuid, Uuid)> = self.wire.run(|connection| query.load(connection))?;
        let holders: BTreeMap<Uuid, Uuid> = rows.into_iter().collect();
        let holder = |copy: Uuid| (copy.into(), holders.get(&copy).copied().map(UserId::from));
        Ok(begun.into_iter().map(holder).collect())
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
