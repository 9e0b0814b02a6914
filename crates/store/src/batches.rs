//! Scans of many copies, and where each of their pages went.

use std::collections::HashMap;

use diesel::prelude::*;
use domain::batch::{Anomaly, Batch, BatchState, BatchStatus, Piece, Split, Splitting};
use domain::{BatchId, CopyId, Digest, ExamId, FileSize, JobId, PageCount, PageIndex, Timestamp};
use uuid::Uuid;

use crate::columns::Table;
use crate::error::Error;
use crate::listing::{Listing, with_one_more};
use crate::schema::{batch_anomalies, batch_pieces, batches, booklets, jobs};
use crate::wire::Wire;

/// A batch as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchView {
    /// The batch.
    pub batch: Batch,
    /// The job that takes it apart.
    pub job: JobId,
    /// When it was registered.
    pub created_at: Timestamp,
}

/// A copy that came of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchCopy {
    /// Its id.
    pub id: CopyId,
    /// Its pages in the scan, in the order of reading.
    pub pieces: Vec<Piece>,
    /// Whether it was put aside.
    pub discarded: bool,
}

/// What came of a batch.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BatchOutcome {
    /// Its copies in the order of the scan.
    pub copies: Vec<BatchCopy>,
    /// What people have to look at, in the order of the scan.
    pub anomalies: Vec<Anomaly>,
}

/// The tables of batches.
pub struct Batches<'a> {
    wire: Wire<'a>,
}

/// How many rows one statement adds: the server counts the values in it.
const AT_ONCE: usize = 1_000;

const BATCHES: Table = Table("batches");
const PIECES: Table = Table("batch_pieces");
const ANOMALIES: Table = Table("batch_anomalies");

#[derive(Queryable, Selectable)]
#[diesel(table_name = batches)]
struct Row {
    id: Uuid,
    exam_id: Uuid,
    source_digest: Vec<u8>,
    source_size: i64,
    pages_per_copy: i64,
    layout: String,
    status: String,
    page_count: Option<i64>,
    failure: Option<String>,
    created_at: Timestamp,
}

impl<'a> Batches<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// The batch, locked until the transaction ends.
    pub fn for_update(&mut self, id: BatchId) -> Result<Option<Batch>, Error> {
        let query = batches::table
            .find(Uuid::from(id))
            .select(Row::as_select())
            .for_no_key_update();
        let row: Option<Row> = self.wire.run(|connection| query.first(connection).optional())?;
        row.as_ref().map(batch).transpose()
    }

    /// The batch as it is shown.
    pub fn get(&mut self, id: BatchId) -> Result<Option<BatchView>, Error> {
        let query = batches::table
            .inner_join(jobs::table)
            .filter(batches::id.eq(Uuid::from(id)))
            .select((Row::as_select(), jobs::id));
        let found: Option<(Row, Uuid)> = self.wire.run(|connection| query.first(connection).optional())?;
        found.as_ref().map(view).transpose()
    }

    /// Batches of an exam from `after` on, in the order in which they came.
    pub fn page(
        &mut self,
        exam: ExamId,
        after: Option<BatchId>,
        limit: u16,
    ) -> Result<Listing<BatchView, BatchId>, Error> {
        let mut query = batches::table
            .inner_join(jobs::table)
            .filter(batches::exam_id.eq(Uuid::from(exam)))
            .select((Row::as_select(), jobs::id))
            .order(batches::id)
            .limit(with_one_more(limit))
            .into_boxed();
        if let Some(after) = after {
            query = query.filter(batches::id.gt(Uuid::from(after)));
        }
        let found: Vec<(Row, Uuid)> = self.wire.run(|connection| query.load(connection))?;
        let items = found.iter().map(view).collect::<Result<Vec<_>, _>>()?;
        Ok(Listing::of(items, limit, |view| view.batch.id))
    }

    /// What came of a batch so far.
    pub fn outcome(&mut self, id: BatchId) -> Result<BatchOutcome, Error> {
        let query = batch_pieces::table
            .inner_join(booklets::table)
            .filter(batch_pieces::batch_id.eq(Uuid::from(id)))
            .order((booklets::batch_position, batch_pieces::position))
            .select((
                booklets::copy_id,
                booklets::discarded,
                batch_pieces::page,
                batch_pieces::part,
            ));
        let pieces: Vec<(Uuid, bool, i64, String)> = self.wire.run(|connection| query.load(connection))?;
        let (mut copies, mut places): (Vec<BatchCopy>, HashMap<CopyId, usize>) = Default::default();
        for (copy, discarded, page, part) in pieces {
            let id = CopyId::from(copy);
            let piece = Piece {
                page: index(PIECES, page)?,
                part: PIECES.parse(&part)?,
            };
            // A copy has several booklets of the batch if others were merged into it.
            let place = *places.entry(id).or_insert(copies.len());
            match copies.get_mut(place) {
                Some(known) => known.pieces.push(piece),
                None => copies.push(BatchCopy {
                    id,
                    pieces: vec![piece],
                    discarded,
                }),
            }
        }
        let query = batch_anomalies::table
            .filter(batch_anomalies::batch_id.eq(Uuid::from(id)))
            .order((batch_anomalies::page, batch_anomalies::kind))
            .select((batch_anomalies::page, batch_anomalies::kind));
        let found: Vec<(i64, String)> = self.wire.run(|connection| query.load(connection))?;
        let anomaly = |(page, kind): (i64, String)| {
            Ok(Anomaly {
                kind: ANOMALIES.parse(&kind)?,
                page: index(ANOMALIES, page)?,
            })
        };
        let anomalies = found.into_iter().map(anomaly).collect::<Result<_, Error>>()?;
        Ok(BatchOutcome { copies, anomalies })
    }

    /// The copies of a batch that were not put aside, in the order of the scan, and whether each has all its pages of
    /// it: a copy of something else may have been merged with one of the batch.
    pub fn copies_of(&mut self, id: BatchId) -> Result<Vec<CopyId>, Error> {
        use diesel::dsl::{min, not};
        let of_batch = booklets::table
            .filter(booklets::batch_id.eq(Uuid::from(id)))
            .filter(not(booklets::discarded))
            .group_by(booklets::copy_id)
            .order(min(booklets::batch_position))
            .select(booklets::copy_id);
        let copies: Vec<Uuid> = self.wire.run(|connection| of_batch.load(connection))?;
        Ok(copies.into_iter().map(CopyId::from).collect())
    }

    /// Whether a copy also has pages that did not come with this batch. Lock it before.
    pub fn has_pages_of_others(&mut self, id: BatchId, copy: CopyId) -> Result<bool, Error> {
        let of_others = booklets::table
            .filter(booklets::copy_id.eq(Uuid::from(copy)))
            .filter(booklets::batch_id.is_distinct_from(Uuid::from(id)));
        let query = diesel::select(diesel::dsl::exists(of_others));
        self.wire.run(|connection| query.get_result(connection))
    }

    /// Whether an exam has a batch of these bytes that waits, or that copies are there of. Lock the exam before: another
    /// may come meanwhile.
    pub fn is_there(&mut self, exam: ExamId, source: Digest) -> Result<bool, Error> {
        let copies = booklets::table
            .filter(booklets::batch_id.eq(batches::id.nullable()))
            .filter(diesel::dsl::not(booklets::discarded));
        let alive = batches::status
            .eq(BatchStatus::Pending.as_str())
            .or(diesel::dsl::exists(copies));
        let same = batches::table
            .filter(batches::exam_id.eq(Uuid::from(exam)))
            .filter(batches::source_digest.eq(source.as_bytes().as_slice()))
            .filter(alive);
        let query = diesel::select(diesel::dsl::exists(same));
        self.wire.run(|connection| query.get_result(connection))
    }

    /// Adds a new batch. Its state is the table's own default, which is that of a new batch.
    pub(crate) fn insert(&mut self, batch: &Batch) -> Result<(), Error> {
        let row = diesel::insert_into(batches::table).values((
            batches::id.eq(Uuid::from(batch.id)),
            batches::exam_id.eq(Uuid::from(batch.exam)),
            batches::source_digest.eq(batch.source.as_bytes().as_slice()),
            batches::source_size.eq(BATCHES.size(batch.size)?),
            batches::pages_per_copy.eq(i64::from(batch.splitting.pages_per_copy.get())),
            batches::layout.eq(batch.splitting.layout.as_str()),
        ));
        self.wire.run(|connection| row.execute(connection)).map(|_one| ())
    }

    /// Stores where the pages of a batch went. Its copies have to be there, and its end comes after.
    pub(crate) fn insert_outcome(&mut self, split: &Split) -> Result<(), Error> {
        let batch = Uuid::from(split.batch().id);
        for (registration, pieces) in split.copies() {
            let booklet = registration.copy().booklets.first();
            let booklet = Uuid::from(BATCHES.some(booklet)?.id);
            let rows: Vec<_> = (0_i64..)
                .zip(pieces)
                .map(|(position, piece)| {
                    (
                        batch_pieces::batch_id.eq(batch),
                        batch_pieces::page.eq(i64::from(piece.page.get())),
                        batch_pieces::part.eq(piece.part.as_str()),
                        batch_pieces::booklet_id.eq(booklet),
                        batch_pieces::position.eq(position),
                    )
                })
                .collect();
            for rows in rows.chunks(AT_ONCE) {
                let rows = diesel::insert_into(batch_pieces::table).values(rows);
                self.wire.run(|connection| rows.execute(connection))?;
            }
        }
        let rows: Vec<_> = split
            .anomalies()
            .iter()
            .map(|anomaly| {
                (
                    batch_anomalies::batch_id.eq(batch),
                    batch_anomalies::page.eq(i64::from(anomaly.page.get())),
                    batch_anomalies::kind.eq(anomaly.kind.as_str()),
                )
            })
            .collect();
        for rows in rows.chunks(AT_ONCE) {
            let rows = diesel::insert_into(batch_anomalies::table).values(rows);
            self.wire.run(|connection| rows.execute(connection))?;
        }
        Ok(())
    }

    /// Stores that somebody has put aside a batch that could not be taken apart; false if it was before.
    pub fn put_aside(&mut self, id: BatchId) -> Result<bool, Error> {
        let failed = batches::table
            .find(Uuid::from(id))
            .filter(batches::status.eq(BatchStatus::Failed.as_str()))
            .filter(batches::discarded.eq(false));
        let update = diesel::update(failed).set(batches::discarded.eq(true));
        let updated = self.wire.run(|connection| update.execute(connection))?;
        Ok(updated > 0)
    }

    /// Stores the end of a batch that was read with [`for_update`](Self::for_update).
    pub fn end(&mut self, batch: &Batch) -> Result<(), Error> {
        let (pages, failure) = match batch.state {
            BatchState::Pending => (None, None),
            BatchState::Split { pages } => (Some(i64::from(pages.get())), None),
            BatchState::Failed { code } => (None, Some(code.as_str())),
        };
        let pending = batches::table
            .find(Uuid::from(batch.id))
            .filter(batches::status.eq(BatchStatus::Pending.as_str()));
        let update = diesel::update(pending).set((
            batches::status.eq(batch.state.status().as_str()),
            batches::page_count.eq(pages),
            batches::failure.eq(failure),
        ));
        match self.wire.run(|connection| update.execute(connection))? {
            0 => Err(Error::Stale { table: BATCHES.0 }),
            _one => Ok(()),
        }
    }
}

fn view((row, job): &(Row, Uuid)) -> Result<BatchView, Error> {
    Ok(BatchView {
        batch: batch(row)?,
        job: JobId::from(*job),
        created_at: row.created_at,
    })
}

fn batch(row: &Row) -> Result<Batch, Error> {
    let state = match (
        BATCHES.parse(&row.status)?,
        row.page_count,
        row.failure.as_deref(),
    ) {
        (BatchStatus::Pending, None, None) => BatchState::Pending,
        (BatchStatus::Split, Some(pages), None) => BatchState::Split { pages: count(pages)? },
        (BatchStatus::Failed, None, Some(code)) => BatchState::Failed {
            code: BATCHES.parse(code)?,
        },
        _ => return Err(BATCHES.corrupt()),
    };
    Ok(Batch {
        id: row.id.into(),
        exam: row.exam_id.into(),
        source: BATCHES.digest(&row.source_digest)?,
        size: BATCHES.some(FileSize::new(BATCHES.number(row.source_size)?))?,
        splitting: Splitting {
            pages_per_copy: count(row.pages_per_copy)?,
            layout: BATCHES.parse(&row.layout)?,
        },
        state,
    })
}

fn count(pages: i64) -> Result<PageCount, Error> {
    BATCHES.some(PageCount::new(BATCHES.number(pages)?))
}

fn index(table: Table, page: i64) -> Result<PageIndex, Error> {
    table.some(PageIndex::new(table.number(page)?))
}
