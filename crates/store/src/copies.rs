//! Copies. A copy changes only through [`Tx::record`](crate::Tx::record) and
//! [`Tx::register`](crate::Tx::register); from here it is read and locked.

use std::collections::HashMap;
use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Nullable, Uuid as SqlUuid};
use domain::access::Relation;
use domain::copy::{AnonymousId, Booklet, Copy, Grading, State, Stored};
use domain::{CopyId, ExamId, JobId, JobKind, Lock, PageCount, Points, Status, Timestamp, UserId};
use uuid::Uuid;

use crate::booklets::Booklets;
use crate::clock::clock_timestamp;
use crate::columns::Table;
use crate::error::Error;
use crate::exams::relation;
use crate::listing::{Listing, with_one_more};
use crate::locks::{self, Locks, Row as LockRow};
use crate::schema;
use crate::schema::{copies, copy_authors, copy_correctors, identities, jobs, release_results, releases};
use crate::wire::Wire;

/// A copy as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyView {
    /// The copy.
    pub copy: Copy,
    /// The last job that imports its pages.
    pub import_job: Option<JobId>,
    /// The last job that makes its corrected document.
    pub finalize_job: Option<JobId>,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
}

/// Which copies are listed. What is not given does not matter.
#[derive(Debug, Clone, Default)]
pub struct CopyFilter {
    /// Those of one exam.
    pub exam: Option<ExamId>,
    /// Those in one state.
    pub status: Option<Status>,
    /// Those that this person is to correct.
    pub visible_to: Option<UserId>,
    /// Only those that have pages, and of which it is not known who wrote them.
    pub unidentified: bool,
}

/// The table of copies.
pub struct Copies<'a> {
    wire: Wire<'a>,
}

const COPIES: Table = Table("copies");

#[derive(Queryable, Selectable)]
#[diesel(table_name = copies)]
struct Row {
    id: Uuid,
    exam_id: Uuid,
    anonymous_id: String,
    status: String,
    page_count: Option<i64>,
    failure: Option<String>,
    version: i64,
    created_at: Timestamp,
    updated_at: Timestamp,
    discarded: bool,
    lock_fence: i64,
    score_quarters: Option<i64>,
    max_quarters: Option<i64>,
    retries: Option<i64>,
    corrector_id: Option<Uuid>,
}

impl<'a> Copies<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// The copy, locked until the transaction ends. What is erased is not there.
    pub fn for_update(&mut self, id: CopyId) -> Result<Option<Copy>, Error> {
        let query = copies::table
            .filter(copies::id.eq(Uuid::from(id)))
            .filter(diesel::dsl::not(copies::erased))
            .select(Row::as_select())
            .for_no_key_update();
        let Some(row): Option<Row> = self.wire.run(|connection| query.first(connection).optional())? else {
            return Ok(None);
        };
        let booklets = self.booklets(&[row.id])?;
        let lock = if row.status == Status::Locked.as_str() {
            Locks::new(self.wire.reborrow()).get(id)?
        } else {
            None
        };
        copy(&row, &booklets, lock).map(Some)
    }

    /// The copy as it is shown.
    pub fn get(&mut self, id: CopyId) -> Result<Option<CopyView>, Error> {
        let query = copies::table
            .left_join(schema::locks::table)
            .filter(copies::id.eq(Uuid::from(id)))
            .filter(there())
            .select((
                Row::as_select(),
                Option::<LockRow>::as_select(),
                last_job(JobKind::ImportCopy),
                last_job(JobKind::FinalizeCopy),
            ));
        let found: Option<Found> = self.wire.run(|connection| query.first(connection).optional())?;
        let Some(found) = found else {
            return Ok(None);
        };
        let booklets = self.booklets(&[found.0.id])?;
        view(found, &booklets).map(Some)
    }

    /// These copies, by their ids. Lock them before.
    pub fn all(&mut self, ids: &[CopyId]) -> Result<Vec<Copy>, Error> {
        let ids: Vec<Uuid> = ids.iter().copied().map(Uuid::from).collect();
        let query = copies::table
            .left_join(schema::locks::table)
            .filter(copies::id.eq_any(&ids))
            .order(copies::id)
            .select((Row::as_select(), Option::<LockRow>::as_select()));
        let found: Vec<(Row, Option<LockRow>)> = self.wire.run(|connection| query.load(connection))?;
        let booklets = self.booklets(&ids)?;
        let restored = found.iter().map(|(row, lock)| {
            let lock = lock.as_ref().map(locks::lock).transpose()?;
            copy(row, &booklets, lock)
        });
        restored.collect()
    }

    /// Copies from `after` on.
    pub fn page(
        &mut self,
        filter: &CopyFilter,
        after: Option<CopyId>,
        limit: u16,
    ) -> Result<Listing<CopyView, CopyId>, Error> {
        let mut query = copies::table
            .left_join(schema::locks::table)
            .filter(there())
            .select((
                Row::as_select(),
                Option::<LockRow>::as_select(),
                last_job(JobKind::ImportCopy),
                last_job(JobKind::FinalizeCopy),
            ))
            .order(copies::id)
            .limit(with_one_more(limit))
            .into_boxed();
        if let Some(after) = after {
            query = query.filter(copies::id.gt(Uuid::from(after)));
        }
        if let Some(exam) = filter.exam {
            query = query.filter(copies::exam_id.eq(Uuid::from(exam)));
        }
        if let Some(status) = filter.status {
            query = query.filter(copies::status.eq(status.as_str()));
        }
        if let Some(user) = filter.visible_to {
            query = query.filter(is_to_correct(user));
        }
        if filter.unidentified {
            let known = identities::table.filter(identities::copy_id.eq(copies::id));
            query = query
                .filter(copies::page_count.is_not_null())
                .filter(diesel::dsl::not(diesel::dsl::exists(known)));
        }
        let found: Vec<Found> = self.wire.run(|connection| query.load(connection))?;
        let ids: Vec<Uuid> = found.iter().map(|(row, ..)| row.id).collect();
        let booklets = self.booklets(&ids)?;
        let items = found.into_iter().map(|found| view(found, &booklets));
        let items = items.collect::<Result<Vec<_>, _>>()?;
        Ok(Listing::of(items, limit, |view| view.copy.id))
    }

    /// How a person stands to a copy; `None` if there is no such copy, or not any more.
    pub fn relation(&mut self, copy: CopyId, user: UserId) -> Result<Option<Relation>, Error> {
        let wrote = copy_authors::table
            .filter(copy_authors::copy_id.eq(copies::id))
            .filter(copy_authors::user_id.eq(Uuid::from(user)));
        let released = release_results::table
            .inner_join(releases::table)
            .filter(release_results::copy_id.eq(copies::id))
            .filter(releases::withdrawn_at.is_null());
        let query = copies::table
            .filter(copies::id.eq(Uuid::from(copy)))
            .filter(there())
            .select((
                is_to_correct(user),
                diesel::dsl::exists(wrote),
                diesel::dsl::exists(released),
            ));
        let found: Option<(bool, bool, bool)> =
            self.wire.run(|connection| query.first(connection).optional())?;
        Ok(found.map(|(corrects, wrote, released)| {
            if wrote && released {
                Relation::Author
            } else {
                relation(corrects)
            }
        }))
    }

    /// The exam of a copy, which never changes; `None` if there is no such copy, or not any more.
    pub fn exam_of(&mut self, copy: CopyId) -> Result<Option<ExamId>, Error> {
        let query = copies::table
            .filter(copies::id.eq(Uuid::from(copy)))
            .filter(there())
            .select(copies::exam_id);
        let found: Option<Uuid> = self.wire.run(|connection| query.first(connection).optional())?;
        Ok(found.map(ExamId::from))
    }

    /// The exams of copies, also of those that were put aside or erased, in the order of their ids.
    pub fn exams_of(&mut self, ids: &[CopyId]) -> Result<Vec<ExamId>, Error> {
        let ids = ids.iter().copied().map(Uuid::from);
        let query = copies::table
            .filter(copies::id.eq_any(ids))
            .order(copies::exam_id)
            .distinct()
            .select(copies::exam_id);
        let found: Vec<Uuid> = self.wire.run(|connection| query.load(connection))?;
        Ok(found.into_iter().map(ExamId::from).collect())
    }

    /// Copies of an exam that are in STAGING, in the order in which they came.
    pub fn in_staging(&mut self, exam: ExamId) -> Result<Vec<CopyId>, Error> {
        let query = copies::table
            .filter(copies::exam_id.eq(Uuid::from(exam)))
            .filter(copies::status.eq(Status::Staging.as_str()))
            .filter(there())
            .order(copies::id)
            .select(copies::id);
        let found: Vec<Uuid> = self.wire.run(|connection| query.load(connection))?;
        Ok(found.into_iter().map(CopyId::from).collect())
    }

    /// How many copies of an exam are waiting for their corrected document, or have failed to get it.
    pub fn in_finalization(&mut self, exam: ExamId) -> Result<i64, Error> {
        let states = [Status::GradingInProgress, Status::GradingFailed].map(Status::as_str);
        let query = copies::table
            .filter(copies::exam_id.eq(Uuid::from(exam)))
            .filter(copies::status.eq_any(states))
            .filter(there())
            .count();
        self.wire.run(|connection| query.get_result(connection))
    }

    /// Whether an exam has copies, not counting those that were put aside.
    pub fn any_of(&mut self, exam: ExamId) -> Result<bool, Error> {
        let of_exam = copies::table
            .filter(copies::exam_id.eq(Uuid::from(exam)))
            .filter(there());
        let query = diesel::select(diesel::dsl::exists(of_exam));
        self.wire.run(|connection| query.get_result(connection))
    }

    /// How many copies there are in each of the six states, also where there are none.
    pub fn count_by_status(&mut self) -> Result<Vec<(Status, i64)>, Error> {
        let query = copies::table
            .filter(there())
            .group_by(copies::status)
            .select((copies::status, diesel::dsl::count_star()));
        let rows: Vec<(String, i64)> = self.wire.run(|connection| query.load(connection))?;
        let count = |status: Status| {
            let row = rows.iter().find(|(name, _)| name == status.as_str());
            (status, row.map_or(0, |(_, count)| *count))
        };
        Ok(Status::ALL.iter().copied().map(count).collect())
    }

    /// For how long the copy that has waited longest in each of the six states has not changed; nothing where there
    /// is no copy.
    pub fn oldest_by_status(&mut self) -> Result<Vec<(Status, Duration)>, Error> {
        let query = copies::table
            .filter(there())
            .group_by(copies::status)
            .select((copies::status, diesel::dsl::min(copies::updated_at)));
        let rows: Vec<(String, Option<Timestamp>)> = self.wire.run(|connection| query.load(connection))?;
        let now: Timestamp = self
            .wire
            .run(|connection| diesel::select(clock_timestamp()).get_result(connection))?;
        let waited = |status: Status| {
            let row = rows.iter().find(|(name, _)| name == status.as_str());
            let oldest = row.and_then(|(_, oldest)| *oldest);
            let waited = oldest.and_then(|oldest| (now - oldest).to_std().ok());
            (status, waited.unwrap_or_default())
        };
        Ok(Status::ALL.iter().copied().map(waited).collect())
    }

    fn booklets(&mut self, copies: &[Uuid]) -> Result<BookletsOf, Error> {
        Booklets::new(self.wire.reborrow()).of(copies)
    }

    /// Adds a new copy without its booklet. State and version are the table's own defaults, which are those
    /// of a new copy.
    pub(crate) fn insert(&mut self, copy: &Copy) -> Result<(), Error> {
        let row = diesel::insert_into(copies::table).values((
            copies::id.eq(Uuid::from(copy.id)),
            copies::exam_id.eq(Uuid::from(copy.exam)),
            copies::anonymous_id.eq(copy.anonymous_id.as_str()),
        ));
        self.wire.run(|connection| row.execute(connection)).map(|_one| ())
    }

    /// Stores the next version of a copy, if the stored one is the one before.
    pub(crate) fn update(&mut self, copy: &Copy) -> Result<(), Error> {
        let before = copies::table
            .find(Uuid::from(copy.id))
            .filter(copies::version.eq(copy.version - 1));
        let stored = copy.state.stored();
        let quarters = |points: Points| i64::from(points.quarters());
        let update = diesel::update(before).set((
            copies::status.eq(stored.status.as_str()),
            copies::page_count.eq(stored.pages.map(|pages| i64::from(pages.get()))),
            copies::failure.eq(stored.failure.map(domain::FailureCode::as_str)),
            copies::discarded.eq(stored.discarded),
            copies::lock_fence.eq(copy.lock_fence),
            copies::score_quarters.eq(stored.grading.map(|grading| quarters(grading.score))),
            copies::max_quarters.eq(stored.grading.map(|grading| quarters(grading.max))),
            copies::retries.eq(stored.grading.map(|grading| i64::from(grading.retries))),
            copies::corrector_id.eq(copy.corrector.map(Uuid::from)),
            copies::version.eq(copy.version),
        ));
        match self.wire.run(|connection| update.execute(connection))? {
            0 => Err(Error::Stale { table: COPIES.0 }),
            _one => Ok(()),
        }
    }

    /// Stores the next versions of copies that change hands and nothing else.
    pub(crate) fn hand_over(&mut self, given: &[&Copy]) -> Result<(), Error> {
        let update = sql_query(
            "UPDATE grading.copies SET corrector_id = given.corrector_id, version = given.version
             FROM unnest($1, $2, $3) AS given (id, corrector_id, version)
             WHERE copies.id = given.id AND copies.version = given.version - 1",
        )
        .bind::<Array<SqlUuid>, _>(given.iter().map(|copy| Uuid::from(copy.id)).collect::<Vec<_>>())
        .bind::<Array<Nullable<SqlUuid>>, _>(
            given
                .iter()
                .map(|copy| copy.corrector.map(Uuid::from))
                .collect::<Vec<_>>(),
        )
        .bind::<Array<BigInt>, _>(given.iter().map(|copy| copy.version).collect::<Vec<_>>());
        if self.wire.run(|connection| update.execute(connection))? == given.len() {
            Ok(())
        } else {
            Err(Error::Stale { table: COPIES.0 })
        }
    }

    /// Stores the next version of a copy, which is its last: it is erased.
    pub(crate) fn erase(&mut self, copy: &Copy) -> Result<(), Error> {
        let before = copies::table
            .find(Uuid::from(copy.id))
            .filter(copies::version.eq(copy.version - 1));
        let update = diesel::update(before).set((copies::erased.eq(true), copies::version.eq(copy.version)));
        match self.wire.run(|connection| update.execute(connection))? {
            0 => Err(Error::Stale { table: COPIES.0 }),
            _one => Ok(()),
        }
    }
}

/// Neither put aside nor erased.
#[diesel::dsl::auto_type(no_type_alias)]
pub(crate) fn there() -> _ {
    diesel::dsl::not(copies::discarded).and(diesel::dsl::not(copies::erased))
}

/// Not put aside, and not erased before it had a score: that stays.
#[diesel::dsl::auto_type(no_type_alias)]
pub(crate) fn counted() -> _ {
    let graded: &'static str = Status::Graded.as_str();
    diesel::dsl::not(copies::discarded).and(diesel::dsl::not(copies::erased).or(copies::status.eq(graded)))
}

/// Whether this person is to correct the copy of the outer query.
#[diesel::dsl::auto_type(no_type_alias)]
fn is_to_correct(user: UserId) -> _ {
    let user: Uuid = Uuid::from(user);
    let corrects = copy_correctors::table
        .filter(copy_correctors::copy_id.eq(copies::id))
        .filter(copy_correctors::user_id.eq(user));
    diesel::dsl::exists(corrects)
}

/// The last job of a kind of the copy of the outer query.
#[diesel::dsl::auto_type(no_type_alias)]
fn last_job(kind: JobKind) -> _ {
    let kind: &'static str = kind.as_str();
    jobs::table
        .filter(jobs::copy_id.eq(copies::id.nullable()))
        .filter(jobs::kind.eq(kind))
        .order(jobs::id.desc())
        .select(jobs::id)
        .limit(1_i64)
        .single_value()
}

type Found = (Row, Option<LockRow>, Option<Uuid>, Option<Uuid>);
/// The booklets of copies, those of each in order.
type BookletsOf = HashMap<Uuid, Vec<Booklet>>;

fn view((row, lock, import_job, finalize_job): Found, booklets: &BookletsOf) -> Result<CopyView, Error> {
    let lock = lock.as_ref().map(locks::lock).transpose()?;
    Ok(CopyView {
        copy: copy(&row, booklets, lock)?,
        import_job: import_job.map(JobId::from),
        finalize_job: finalize_job.map(JobId::from),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn copy(row: &Row, booklets: &BookletsOf, lock: Option<Lock>) -> Result<Copy, Error> {
    let pages = row
        .page_count
        .map(|pages| COPIES.some(PageCount::new(COPIES.number(pages)?)))
        .transpose()?;
    let stored = Stored {
        status: COPIES.parse(&row.status)?,
        pages,
        failure: COPIES.parse_some(row.failure.as_deref())?,
        discarded: row.discarded,
        lock,
        grading: grading(row)?,
    };
    Ok(Copy {
        id: row.id.into(),
        exam: row.exam_id.into(),
        anonymous_id: AnonymousId::restore(&row.anonymous_id),
        booklets: booklets.get(&row.id).cloned().unwrap_or_default(),
        state: COPIES.some(State::restore(stored))?,
        corrector: row.corrector_id.map(UserId::from),
        lock_fence: row.lock_fence,
        version: row.version,
    })
}

fn grading(row: &Row) -> Result<Option<Grading>, Error> {
    match (row.score_quarters, row.max_quarters, row.retries) {
        (None, None, None) => Ok(None),
        (Some(score), Some(max), Some(retries)) => Ok(Some(Grading {
            score: Points::from_quarters(COPIES.number(score)?),
            max: Points::from_quarters(COPIES.number(max)?),
            retries: COPIES.number(retries)?,
        })),
        _ => Err(COPIES.corrupt()),
    }
}
