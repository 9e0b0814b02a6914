//! All that is stored of the trails, read in parts by whoever verifies them. Each part comes from one statement, so
//! that what is written meanwhile never looks like something that is missing.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Binary, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use domain::audit::{Leaf, Recorded, Subject};
use domain::{CopyId, Timestamp, TrailId, UserId};
use uuid::Uuid;

use crate::audit_tree::{LEAF, LeafRow, MaybeLeaf, position};
use crate::columns::Table;
use crate::error::Error;
use crate::events::End;
use crate::wire::Wire;

const EVENTS: Table = Table("grading_events");

/// What else is known of each event `e`. The limits make the server look it up by index, whatever it believes about
/// the size of the tables: a join that reads all of a table for each part would never end.
const WITNESSES: &str = "
    LEFT JOIN LATERAL (
        SELECT * FROM grading.audit_leaves l WHERE l.copy_id = e.copy_id AND l.seq = e.seq LIMIT 1
    ) l ON true
    LEFT JOIN LATERAL (SELECT * FROM grading.copies c WHERE c.id = e.copy_id LIMIT 1) c ON true
    LEFT JOIN LATERAL (SELECT u.ev_seq, u.ev_head FROM grading.users u WHERE u.id = e.copy_id LIMIT 1) u ON true";

/// What the row says whose trail it is: the columns of an [`EndRow`].
const END: &str = "c.id IS NOT NULL AS of_copy, coalesce(c.ev_seq, u.ev_seq) AS ev_seq,
    coalesce(c.ev_head, u.ev_head) AS ev_head";

/// The trails of all copies and people.
pub struct Trails<'a> {
    wire: Wire<'a>,
}

/// An event with what else is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chained {
    /// The event.
    pub event: Recorded,
    /// Its leaf, if it has one.
    pub leaf: Option<Leaf>,
    /// Whose trail it is and where that ends, if there is such a copy or person.
    pub end: Option<End>,
}

/// A leaf, and whether the event that it is about is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planted {
    /// The leaf.
    pub leaf: Leaf,
    /// Whether there is the event.
    pub present: bool,
}

#[derive(QueryableByName)]
pub(crate) struct EventRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    copy_id: Uuid,
    #[diesel(sql_type = BigInt)]
    seq: i64,
    #[diesel(sql_type = Text)]
    action: String,
    #[diesel(sql_type = Text)]
    actor_kind: String,
    #[diesel(sql_type = SqlUuid)]
    actor_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    operation_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    at: Timestamp,
    #[diesel(sql_type = BigInt)]
    copy_version: i64,
    #[diesel(sql_type = Text)]
    said: String,
    #[diesel(sql_type = Binary)]
    prev: Vec<u8>,
    #[diesel(sql_type = Binary)]
    hash: Vec<u8>,
}

#[derive(QueryableByName)]
struct ChainedRow {
    #[diesel(embed)]
    event: EventRow,
    #[diesel(embed)]
    leaf: MaybeLeaf,
    #[diesel(embed)]
    end: EndRow,
}

#[derive(QueryableByName)]
struct EndRow {
    #[diesel(sql_type = Bool)]
    of_copy: bool,
    #[diesel(sql_type = Nullable<BigInt>)]
    ev_seq: Option<i64>,
    #[diesel(sql_type = Nullable<Binary>)]
    ev_head: Option<Vec<u8>>,
}

#[derive(QueryableByName)]
struct PlantedRow {
    #[diesel(embed)]
    leaf: LeafRow,
    #[diesel(sql_type = Bool)]
    present: bool,
}

#[derive(QueryableByName)]
struct IdRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

impl EventRow {
    /// Its columns, of the table `e`. The metadata are as the database writes them, which is what it hashed.
    pub(crate) const COLUMNS: &str =
        "e.id, e.copy_id, e.seq, e.action, e.actor_kind, e.actor_id, e.operation_id,
        e.at, e.copy_version, e.metadata::text AS said, e.prev, e.hash";
}

impl<'a> Trails<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Up to `limit` events after the place `after`, trail by trail.
    pub fn page(&mut self, after: Option<(TrailId, i64)>, limit: u16) -> Result<Vec<Chained>, Error> {
        let (trail, seq) = after.map_or((Uuid::nil(), i64::MIN), |(trail, seq)| (trail.into(), seq));
        let query = sql_query(format!(
            "SELECT {}, {LEAF}, {END}
             FROM (SELECT * FROM grading.grading_events WHERE (copy_id, seq) > ($1, $2)
                   ORDER BY copy_id, seq LIMIT $3) e {WITNESSES}
             ORDER BY e.copy_id, e.seq",
            EventRow::COLUMNS
        ))
        .bind::<SqlUuid, _>(trail)
        .bind::<BigInt, _>(seq)
        .bind::<BigInt, _>(i64::from(limit));
        let rows: Vec<ChainedRow> = self.wire.run(|connection| query.load(connection))?;
        rows.into_iter().map(Chained::try_from).collect()
    }

    /// The whole trail. No more events than memory holds: one has hundreds, not millions.
    pub fn of(&mut self, trail: TrailId) -> Result<Vec<Chained>, Error> {
        let query = sql_query(format!(
            "SELECT {}, {LEAF}, {END}
             FROM grading.grading_events e {WITNESSES}
             WHERE e.copy_id = $1 ORDER BY e.seq",
            EventRow::COLUMNS
        ))
        .bind::<SqlUuid, _>(Uuid::from(trail));
        let rows: Vec<ChainedRow> = self.wire.run(|connection| query.load(connection))?;
        rows.into_iter().map(Chained::try_from).collect()
    }

    /// All leaves of a trail, also those whose event is gone.
    pub fn leaves_of(&mut self, trail: TrailId) -> Result<Vec<Leaf>, Error> {
        let query = sql_query(format!(
            "SELECT {LEAF} FROM grading.audit_leaves l WHERE l.copy_id = $1 ORDER BY l.seq"
        ))
        .bind::<SqlUuid, _>(Uuid::from(trail));
        let rows: Vec<LeafRow> = self.wire.run(|connection| query.load(connection))?;
        rows.into_iter().map(Leaf::try_from).collect()
    }

    /// Up to `limit` leaves from the position `from` on.
    pub fn leaves(&mut self, from: u64, limit: u16) -> Result<Vec<Planted>, Error> {
        let query = sql_query(format!(
            "SELECT {LEAF}, e.id IS NOT NULL AS present
             FROM (SELECT * FROM grading.audit_leaves WHERE position >= $1 ORDER BY position LIMIT $2) l
             LEFT JOIN LATERAL (
                 SELECT id FROM grading.grading_events e WHERE e.copy_id = l.copy_id AND e.seq = l.seq LIMIT 1
             ) e ON true
             ORDER BY l.position"
        ))
        .bind::<BigInt, _>(position(from)?)
        .bind::<BigInt, _>(i64::from(limit));
        let rows: Vec<PlantedRow> = self.wire.run(|connection| query.load(connection))?;
        rows.into_iter()
            .map(|row| {
                Ok(Planted {
                    leaf: row.leaf.try_into()?,
                    present: row.present,
                })
            })
            .collect()
    }

    /// The first trail whose copy or person says that there are events, and there are none.
    pub fn emptied(&mut self) -> Result<Option<TrailId>, Error> {
        let query = sql_query(
            "SELECT t.id FROM (
                 SELECT id, ev_seq FROM grading.copies UNION ALL SELECT id, ev_seq FROM grading.users
             ) t WHERE t.ev_seq > 0 AND NOT EXISTS (
                 SELECT FROM grading.grading_events e WHERE e.copy_id = t.id
             ) ORDER BY t.id LIMIT 1",
        );
        let row: Option<IdRow> = self
            .wire
            .run(|connection| query.get_result(connection).optional())?;
        Ok(row.map(|row| row.id.into()))
    }

    /// Up to `limit` copies after `after` that have events.
    pub fn copies(&mut self, after: Option<CopyId>, limit: u16) -> Result<Vec<CopyId>, Error> {
        let copies = "SELECT id FROM grading.copies WHERE id > $1 AND ev_seq > 0 ORDER BY id LIMIT $2";
        self.ids(copies, after.map(Uuid::from), limit)
    }

    /// Up to `limit` people after `after` who have events.
    pub fn people(&mut self, after: Option<UserId>, limit: u16) -> Result<Vec<UserId>, Error> {
        let people = "SELECT id FROM grading.users WHERE id > $1 AND ev_seq > 0 ORDER BY id LIMIT $2";
        self.ids(people, after.map(Uuid::from), limit)
    }

    fn ids<Id: From<Uuid>>(
        &mut self,
        query: &str,
        after: Option<Uuid>,
        limit: u16,
    ) -> Result<Vec<Id>, Error> {
        let query = sql_query(query)
            .bind::<SqlUuid, _>(after.unwrap_or(Uuid::nil()))
            .bind::<BigInt, _>(i64::from(limit));
        let rows: Vec<IdRow> = self.wire.run(|connection| query.load(connection))?;
        Ok(rows.into_iter().map(|row| row.id.into()).collect())
    }
}

impl TryFrom<ChainedRow> for Chained {
    type Error = Error;

    fn try_from(row: ChainedRow) -> Result<Self, Error> {
        let id = row.event.copy_id;
        Ok(Self {
            event: row.event.try_into()?,
            leaf: row.leaf.into_leaf()?,
            end: row.end.of(id)?,
        })
    }
}

impl EndRow {
    fn of(self, id: Uuid) -> Result<Option<End>, Error> {
        let (Some(seq), Some(head)) = (self.ev_seq, self.ev_head) else {
            return Ok(None);
        };
        let subject = if self.of_copy {
            Subject::Copy(id.into())
        } else {
            Subject::User(id.into())
        };
        End::new(subject, seq, &head).map(Some)
    }
}

impl TryFrom<EventRow> for Recorded {
    type Error = Error;

    fn try_from(row: EventRow) -> Result<Self, Error> {
        Ok(Self {
            id: row.id.into(),
            trail: row.copy_id.into(),
            seq: row.seq,
            action: row.action,
            actor_kind: row.actor_kind,
            actor_id: row.actor_id,
            operation: row.operation_id.into(),
            at: row.at,
            version: row.copy_version,
            metadata: row.said,
            prev: EVENTS.digest(&row.prev)?,
            hash: EVENTS.digest(&row.hash)?,
        })
    }
}
