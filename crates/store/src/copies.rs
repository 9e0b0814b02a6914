//! Copies. A copy changes only through [`Tx::record`](crate::Tx::record) and
//! [`Tx::register`](crate::Tx::register); from here it is read and locked.

use diesel::prelude::*;
use domain::access::Relation;
use domain::copy::{AnonymousId, Booklet, Copy, State};
use domain::{CopyId, ExamId, FileSize, JobId, JobKind, PageCount, Status, Timestamp, UserId};
use uuid::Uuid;

use crate::columns::Table;
use crate::error::Error;
use crate::exams::relation;
use crate::listing::{Listing, with_one_more};
use crate::schema::{booklets, copies, exam_correctors, jobs};
use crate::wire::Wire;

/// A copy as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyView {
    /// The copy.
    pub copy: Copy,
    /// The last job that imports its pages.
    pub import_job: Option<JobId>,
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
    /// Those of exams that this person corrects.
    pub visible_to: Option<UserId>,
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
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = booklets)]
struct BookletRow {
    id: Uuid,
    source_digest: Vec<u8>,
    source_size: i64,
}

impl<'a> Copies<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// The copy, locked until the transaction ends.
    pub fn for_update(&mut self, id: CopyId) -> Result<Option<Copy>, Error> {
        let query = copies::table
            .find(Uuid::from(id))
            .select(Row::as_select())
            .for_no_key_update();
        let Some(row): Option<Row> = self.wire.run(|connection| query.first(connection).optional())? else {
            return Ok(None);
        };
        let query = booklets::table
            .filter(booklets::copy_id.eq(row.id))
            .select(BookletRow::as_select());
        let booklet: Option<BookletRow> = self.wire.run(|connection| query.first(connection).optional())?;
        copy(&row, &COPIES.some(booklet)?).map(Some)
    }

    /// The copy as it is shown.
    pub fn get(&mut self, id: CopyId) -> Result<Option<CopyView>, Error> {
        let query = copies::table
            .inner_join(booklets::table)
            .filter(copies::id.eq(Uuid::from(id)))
            .select((Row::as_select(), BookletRow::as_select(), import_job()));
        let found = self.wire.run(|connection| query.first(connection).optional())?;
        found.map(view).transpose()
    }

    /// Copies from `after` on.
    pub fn page(
        &mut self,
        filter: &CopyFilter,
        after: Option<CopyId>,
        limit: u16,
    ) -> Result<Listing<CopyView, CopyId>, Error> {
        let mut query = copies::table
            .inner_join(booklets::table)
            .select((Row::as_select(), BookletRow::as_select(), import_job()))
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
            let corrected = exam_correctors::table
                .filter(exam_correctors::user_id.eq(Uuid::from(user)))
                .select(exam_correctors::exam_id);
            query = query.filter(copies::exam_id.eq_any(corrected));
        }
        let found = self.wire.run(|connection| query.load(connection))?;
        let items = found.into_iter().map(view).collect::<Result<Vec<_>, _>>()?;
        Ok(Listing::of(items, limit, |view| view.copy.id))
    }

    /// How a person stands to the exam of a copy; `None` if there is no such copy.
    pub fn relation(&mut self, copy: CopyId, user: UserId) -> Result<Option<Relation>, Error> {
        let corrects = exam_correctors::table
            .filter(exam_correctors::exam_id.eq(copies::exam_id))
            .filter(exam_correctors::user_id.eq(Uuid::from(user)));
        let query = copies::table
            .find(Uuid::from(copy))
            .select(diesel::dsl::exists(corrects));
        let corrects: Option<bool> = self.wire.run(|connection| query.first(connection).optional())?;
        Ok(corrects.map(relation))
    }

    /// How many copies there are in each of the six states, also where there are none.
    pub fn count_by_status(&mut self) -> Result<Vec<(Status, i64)>, Error> {
        let query = copies::table
            .group_by(copies::status)
            .select((copies::status, diesel::dsl::count_star()));
        let rows: Vec<(String, i64)> = self.wire.run(|connection| query.load(connection))?;
        let count = |status: Status| {
            let row = rows.iter().find(|(name, _)| name == status.as_str());
            (status, row.map_or(0, |(_, count)| *count))
        };
        Ok(Status::ALL.iter().copied().map(count).collect())
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
        let update = diesel::update(before).set((
            copies::status.eq(copy.state.status().as_str()),
            copies::page_count.eq(copy.state.pages().map(|pages| i64::from(pages.get()))),
            copies::failure.eq(copy.state.failure().map(domain::FailureCode::as_str)),
            copies::version.eq(copy.version),
        ));
        match self.wire.run(|connection| update.execute(connection))? {
            0 => Err(Error::Stale { table: COPIES.0 }),
            _one => Ok(()),
        }
    }
}

/// The last import job of the copy of the outer query.
#[diesel::dsl::auto_type(no_type_alias)]
fn import_job() -> _ {
    let kind: &'static str = JobKind::ImportCopy.as_str();
    jobs::table
        .filter(jobs::copy_id.eq(copies::id))
        .filter(jobs::kind.eq(kind))
        .order(jobs::id.desc())
        .select(jobs::id)
        .limit(1_i64)
        .single_value()
}

fn view((row, booklet, import_job): (Row, BookletRow, Option<Uuid>)) -> Result<CopyView, Error> {
    Ok(CopyView {
        copy: copy(&row, &booklet)?,
        import_job: import_job.map(JobId::from),
        created_at: row.created_at,
        updated_at: row.updated_at,
    })
}

fn copy(row: &Row, booklet: &BookletRow) -> Result<Copy, Error> {
    let pages = row
        .page_count
        .map(|pages| COPIES.some(PageCount::new(COPIES.number(pages)?)))
        .transpose()?;
    let failure = COPIES.parse_some(row.failure.as_deref())?;
    Ok(Copy {
        id: row.id.into(),
        exam: row.exam_id.into(),
        anonymous_id: AnonymousId::restore(&row.anonymous_id),
        booklet: Booklet {
            id: booklet.id.into(),
            source: COPIES.digest(&booklet.source_digest)?,
            size: COPIES.some(FileSize::new(COPIES.number(booklet.source_size)?))?,
        },
        state: COPIES.some(State::restore(COPIES.parse(&row.status)?, pages, failure))?,
        version: row.version,
    })
}
