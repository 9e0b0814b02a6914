//! The files that the pages of copies come from.

use diesel::prelude::*;
use domain::{BatchId, Copy, CopyId, Digest, ExamId};
use uuid::Uuid;

use crate::columns::Table;
use crate::error::Error;
use crate::schema::booklets;
use crate::wire::Wire;

/// The table of booklets.
pub struct Booklets<'a> {
    wire: Wire<'a>,
}

const BOOKLETS: Table = Table("booklets");

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

    /// Puts the booklet of a copy aside: the same bytes may make another copy.
    pub(crate) fn discard(&mut self, copy: &Copy) -> Result<(), Error> {
        let update = diesel::update(booklets::table.find(Uuid::from(copy.booklet.id)))
            .set(booklets::discarded.eq(true));
        self.wire
            .run(|connection| update.execute(connection))
            .map(|_one| ())
    }

    /// Adds the booklet of a new copy; with its place in the batch that it was cut out of, if it was.
    pub(crate) fn insert(&mut self, copy: &Copy, place: Option<(BatchId, i64)>) -> Result<(), Error> {
        let row = diesel::insert_into(booklets::table).values((
            booklets::id.eq(Uuid::from(copy.booklet.id)),
            booklets::copy_id.eq(Uuid::from(copy.id)),
            booklets::exam_id.eq(Uuid::from(copy.exam)),
            booklets::source_digest.eq(copy.booklet.source.as_bytes().as_slice()),
            booklets::source_size.eq(BOOKLETS.size(copy.booklet.size)?),
            booklets::batch_id.eq(place.map(|(batch, _)| Uuid::from(batch))),
            booklets::batch_position.eq(place.map(|(_, position)| position)),
        ));
        self.wire.run(|connection| row.execute(connection)).map(|_one| ())
    }
}
