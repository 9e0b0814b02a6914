//! The files that the pages of copies come from.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, Uuid as SqlUuid};
use domain::copy::{Booklet, Merge};
use domain::{BatchId, BookletId, Copy, CopyId, Digest, ExamId, FileSize, PageCount};
use uuid::Uuid;

use crate::columns::Table;
use crate::error::Error;
use crate::schema::{booklets, copies, pages};
use crate::touched::touched;
use crate::wire::Wire;

/// The table of booklets.
pub struct Booklets<'a> {
    wire: Wire<'a>,
}

const BOOKLETS: Table = Table("booklets");

#[derive(Queryable, Selectable)]
#[diesel(table_name = booklets)]
struct Row {
    id: Uuid,
    copy_id: Uuid,
    source_digest: Vec<u8>,
    source_size: i64,
}

impl<'a> Booklets<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// The copy of an exam that was made of these bytes. To be sure that there is none, rely on
    /// [`Constraint::DuplicateSource`](crate::Constraint::DuplicateSource): another may come meanwhile.
    pub fn by_source(&mut self, exam: ExamId, source: Digest) -> Result<Option<CopyId>, Error> {
        let query = booklets::table
            .filter(booklets::exam_id.eq(Uuid::from(exam)))
            .filter(booklets::source_digest.eq(source.as_bytes().as_slice()))
            .filter(diesel::dsl::not(booklets::discarded))
            .select(booklets::copy_id);
        let copy: Option<Uuid> = self.wire.run(|connection| query.first(connection).optional())?;
        Ok(copy.map(CopyId::from))
    }

    /// The booklets of these copies, those of each in order.
    pub(crate) fn of(&mut self, copies: &[Uuid]) -> Result<HashMap<Uuid, Vec<Booklet>>, Error> {
        let query = booklets::table
            .filter(booklets::copy_id.eq_any(copies))
            .order((booklets::copy_id, booklets::position))
            .select(Row::as_select());
        let rows: Vec<Row> = self.wire.run(|connection| query.load(connection))?;
        let mut found: HashMap<Uuid, Vec<Booklet>> = HashMap::new();
        for row in rows {
            found.entry(row.copy_id).or_default().push(Booklet {
                id: row.id.into(),
                source: BOOKLETS.digest(&row.source_digest)?,
                size: BOOKLETS.some(FileSize::new(BOOKLETS.number(row.source_size)?))?,
            });
        }
        Ok(found)
    }

    /// How many pages each booklet of a copy has, in order; none before they are imported.
    pub fn page_counts(&mut self, copy: CopyId) -> Result<Vec<(BookletId, u16)>, Error> {
        let query = booklets::table
            .left_join(pages::table)
            .filter(booklets::copy_id.eq(Uuid::from(copy)))
            .group_by((booklets::id, booklets::position))
            .order(booklets::position)
            .select((booklets::id, diesel::dsl::count(pages::index.nullable())));
        let rows: Vec<(Uuid, i64)> = self.wire.run(|connection| query.load(connection))?;
        let count = |(id, pages): (Uuid, i64)| Ok((id.into(), BOOKLETS.number(pages)?));
        rows.into_iter().map(count).collect()
    }

    /// Whether anybody has begun with the pages of a copy: written on it, scored it, drafted something, or finalized it.
    pub fn are_touched(&mut self, copy: CopyId) -> Result<bool, Error> {
        let begun = copies::table.find(Uuid::from(copy)).filter(touched());
        let query = diesel::select(diesel::dsl::exists(begun));
        self.wire.run(|connection| query.get_result(connection))
    }

    /// Puts the booklets of a copy aside: the same bytes may make another copy.
    pub(crate) fn discard(&mut self, copy: &Copy) -> Result<(), Error> {
        let update = diesel::update(booklets::table.filter(booklets::copy_id.eq(Uuid::from(copy.id))))
            .set(booklets::discarded.eq(true));
        self.wire
            .run(|connection| update.execute(connection))
            .map(|_count| ())
    }

    /// Adds the booklets of a new copy; with the place in the batch that they were cut out of, if they were.
    pub(crate) fn insert(&mut self, copy: &Copy, place: Option<(BatchId, i64)>) -> Result<(), Error> {
        for booklet in &copy.booklets {
            let row = diesel::insert_into(booklets::table).values((
                booklets::id.eq(Uuid::from(booklet.id)),
                booklets::copy_id.eq(Uuid::from(copy.id)),
                booklets::exam_id.eq(Uuid::from(copy.exam)),
                booklets::source_digest.eq(booklet.source.as_bytes().as_slice()),
                booklets::source_size.eq(BOOKLETS.size(booklet.size)?),
                booklets::batch_id.eq(place.map(|(batch, _)| Uuid::from(batch))),
                booklets::batch_position.eq(place.map(|(_, position)| position)),
            ));
            self.wire.run(|connection| row.execute(connection))?;
        }
        Ok(())
    }

    /// The booklets of the one copy come behind those of the other, with their pages.
    pub(crate) fn hand_over(&mut self, merge: &Merge) -> Result<(), Error> {
        let to = Uuid::from(merge.kept().copy().id);
        let from = Uuid::from(merge.emptied().copy().id);
        let (own, own_pages) = merge.own();
        let update = diesel::update(booklets::table.filter(booklets::copy_id.eq(from))).set((
            booklets::copy_id.eq(to),
            booklets::position.eq(booklets::position + i64::from(own)),
        ));
        self.wire.run(|connection| update.execute(connection))?;
        let update = diesel::update(pages::table.filter(pages::copy_id.eq(from))).set((
            pages::copy_id.eq(to),
            pages::index.eq(pages::index + i64::from(own_pages.get())),
        ));
        self.wire
            .run(|connection| update.execute(connection))
            .map(|_count| ())
    }

    /// The booklets of a copy come into the order that it has them in, and their pages with them.
    pub(crate) fn reorder(&mut self, copy: &Copy) -> Result<(), Error> {
        let order: Vec<Uuid> = copy.booklets.iter().map(|booklet| booklet.id.into()).collect();
        let places = sql_query(
            "UPDATE grading.booklets SET position = wanted.place - 1
             FROM unnest($2) WITH ORDINALITY AS wanted (id, place)
             WHERE booklets.id = wanted.id AND booklets.copy_id = $1",
        )
        .bind::<SqlUuid, _>(Uuid::from(copy.id))
        .bind::<Array<SqlUuid>, _>(order);
        self.wire.run(|connection| places.execute(connection))?;
        let copy = Uuid::from(copy.id);
        let away = diesel::update(pages::table.filter(pages::copy_id.eq(copy)))
            .set(pages::index.eq(pages::index + i64::from(PageCount::MAX)));
        self.wire.run(|connection| away.execute(connection))?;
        let back = sql_query(
            "UPDATE grading.pages SET index = wanted.place - 1
             FROM (
                SELECT pages.index, row_number() OVER (ORDER BY booklets.position, pages.index) AS place
                FROM grading.pages JOIN grading.booklets ON booklets.id = pages.booklet_id
                WHERE pages.copy_id = $1
             ) AS wanted
             WHERE pages.copy_id = $1 AND pages.index = wanted.index",
        )
        .bind::<SqlUuid, _>(copy);
        self.wire
            .run(|connection| back.execute(connection))
            .map(|_count| ())
    }
}
