//! The tree over the events of all trails: it grows here, and its leaves are read in order.
//!
//! Its frontier is kept in a row, so that a leaf costs two hashes on average and a checkpoint reads nothing else.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{Array, BigInt, Binary, Bool, Nullable, Text, Uuid as SqlUuid};
use domain::audit::{Action, Frontier, Leaf, Recorded};
use domain::{CopyId, EventId, TrailId, UserId};
use uuid::Uuid;

use crate::columns::Table;
use crate::error::Error;
use crate::listing::{Listing, with_one_more};
use crate::trails::EventRow;
use crate::wire::Wire;

const LEAVES: Table = Table("audit_leaves");
const FRONTIER: Table = Table("audit_frontier");

/// The tables of the tree.
pub struct AuditTree<'a> {
    pub(crate) wire: Wire<'a>,
}

#[derive(QueryableByName)]
pub(crate) struct LeafRow {
    #[diesel(sql_type = BigInt)]
    position: i64,
    #[diesel(sql_type = SqlUuid)]
    leaf_trail: Uuid,
    #[diesel(sql_type = BigInt)]
    leaf_seq: i64,
    #[diesel(sql_type = Binary)]
    leaf_hash: Vec<u8>,
    #[diesel(sql_type = SqlUuid)]
    leaf_event: Uuid,
    #[diesel(sql_type = BigInt)]
    leaf_version: i64,
}

/// Reads the one [`FrontierRow`].
pub(crate) const FRONTIER_ROW: &str = "SELECT size, nodes FROM grading.audit_frontier";

/// The columns of a [`LeafRow`], of the table `l`.
pub(crate) const LEAF: &str = "l.position, l.copy_id AS leaf_trail, l.seq AS leaf_seq, l.hash AS leaf_hash,
    l.event_id AS leaf_event, l.copy_version AS leaf_version";

#[derive(QueryableByName)]
pub(crate) struct FrontierRow {
    #[diesel(sql_type = BigInt)]
    size: i64,
    #[diesel(sql_type = Binary)]
    nodes: Vec<u8>,
}

#[derive(QueryableByName)]
struct Taken {
    #[diesel(sql_type = Bool)]
    taken: bool,
}

#[derive(QueryableByName)]
struct Written {
    #[diesel(embed)]
    leaf: LeafRow,
    #[diesel(embed)]
    event: EventRow,
}

impl<'a> AuditTree<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Takes the turn to add leaves, until the transaction ends; false when another process has it.
    pub fn take_turn(&mut self) -> Result<bool, Error> {
        let query =
            sql_query("SELECT pg_try_advisory_xact_lock(hashtextextended('korrigo.audit.tree', 0)) AS taken");
        let row: Taken = self.wire.run(|connection| query.get_result(connection))?;
        Ok(row.taken)
    }

    /// The tree as it was left.
    pub fn frontier(&mut self) -> Result<Frontier, Error> {
        let row: FrontierRow = self
            .wire
            .run(|connection| sql_query(FRONTIER_ROW).get_result(connection))?;
        row.try_into()
    }

    /// Adds the leaves of up to `limit` events that have none yet, in order. Gives how many, and the tree.
    pub fn grow(&mut self, limit: u16) -> Result<(usize, Frontier), Error> {
        let mut frontier = self.frontier()?;
        let query = sql_query(format!(
            "INSERT INTO grading.audit_leaves AS l (copy_id, seq)
             SELECT copy_id, seq FROM grading.audit_pending ORDER BY number LIMIT $1
             RETURNING {LEAF}"
        ))
        .bind::<BigInt, _>(i64::from(limit));
        let mut rows: Vec<LeafRow> = self.wire.run(|connection| query.load(connection))?;
        rows.sort_by_key(|row| row.position);
        let added = rows.len();
        for row in rows {
            let leaf = Leaf::try_from(row)?;
            if leaf.position != frontier.size() {
                return Err(FRONTIER.corrupt());
            }
            frontier.push(leaf.digest());
        }
        if added > 0 {
            self.keep(&frontier)?;
        }
        Ok((added, frontier))
    }

    fn keep(&mut self, frontier: &Frontier) -> Result<(), Error> {
        let size = i64::try_from(frontier.size()).map_err(|_too_many| FRONTIER.corrupt())?;
        let update = sql_query("UPDATE grading.audit_frontier SET size = $1, nodes = $2")
            .bind::<BigInt, _>(size)
            .bind::<Binary, _>(frontier.nodes());
        self.wire
            .run(|connection| update.execute(connection))
            .map(|_one| ())
    }

    /// How many leaves there are.
    pub fn size(&mut self) -> Result<u64, Error> {
        let query = sql_query(
            "SELECT coalesce(max(position) + 1, 0) AS size, ''::bytea AS nodes FROM grading.audit_leaves",
        );
        let row: FrontierRow = self.wire.run(|connection| query.get_result(connection))?;
        LEAVES.number(row.size)
    }

    /// The leaf of an event.
    pub fn leaf(&mut self, trail: TrailId, seq: i64) -> Result<Option<Leaf>, Error> {
        let query = sql_query(format!(
            "SELECT {LEAF} FROM grading.audit_leaves l WHERE l.copy_id = $1 AND l.seq = $2"
        ))
        .bind::<SqlUuid, _>(Uuid::from(trail))
        .bind::<BigInt, _>(seq);
        let row: Option<LeafRow> = self
            .wire
            .run(|connection| query.get_result(connection).optional())?;
        row.map(Leaf::try_from).transpose()
    }

    /// Up to `limit` leaves from the position `from` on, with their events.
    pub fn events(&mut self, from: u64, limit: u16) -> Result<Vec<(Leaf, Recorded)>, Error> {
        let query = sql_query(format!(
            "SELECT {LEAF}, {}
             FROM (SELECT * FROM grading.audit_leaves WHERE position >= $1 ORDER BY position LIMIT $2) l
             JOIN LATERAL (
                 SELECT * FROM grading.grading_events e WHERE e.copy_id = l.copy_id AND e.seq = l.seq LIMIT 1
             ) e ON true
             ORDER BY l.position",
            EventRow::COLUMNS
        ))
        .bind::<BigInt, _>(position(from)?)
        .bind::<BigInt, _>(i64::from(limit));
        let rows: Vec<Written> = self.wire.run(|connection| query.load(connection))?;
        rows.into_iter()
            .map(|row| Ok((row.leaf.try_into()?, row.event.try_into()?)))
            .collect()
    }
}

/// Which events are listed. What is not given does not matter.
#[derive(Debug, Clone, Copy, Default)]
pub struct EventFilter {
    /// Those of one copy.
    pub copy: Option<CopyId>,
    /// Those of one person. Nothing happens to a copy and a person.
    pub user: Option<UserId>,
    /// Those of one actor.
    pub actor: Option<Uuid>,
    /// Those in which this happened.
    pub action: Option<Action>,
}

impl AuditTree<'_> {
    /// Events that come after the position `after`, in the order of the tree, with their positions.
    pub fn page(
        &mut self,
        filter: EventFilter,
        after: Option<u64>,
        limit: u16,
    ) -> Result<Listing<(u64, Recorded), u64>, Error> {
        let of_people = Action::ALL.iter().filter(|action| action.happens_to_people());
        let of_people = of_people.map(|action| action.as_str());
        let query = sql_query(format!(
            "SELECT {LEAF}, {} FROM grading.audit_leaves l
             JOIN grading.grading_events e ON e.copy_id = l.copy_id AND e.seq = l.seq
             WHERE l.position > $1
                AND ($2 IS NULL OR l.copy_id = $2 AND e.action <> ALL ($7))
                AND ($3 IS NULL OR l.copy_id = $3 AND e.action = ANY ($7))
                AND ($4 IS NULL OR e.actor_id = $4)
                AND ($5 IS NULL OR e.action = $5)
             ORDER BY l.position LIMIT $6",
            EventRow::COLUMNS
        ))
        .bind::<BigInt, _>(after.map(position).transpose()?.unwrap_or(-1))
        .bind::<Nullable<SqlUuid>, _>(filter.copy.map(Uuid::from))
        .bind::<Nullable<SqlUuid>, _>(filter.user.map(Uuid::from))
        .bind::<Nullable<SqlUuid>, _>(filter.actor)
        .bind::<Nullable<Text>, _>(filter.action.map(Action::as_str))
        .bind::<BigInt, _>(with_one_more(limit))
        .bind::<Array<Text>, _>(of_people.collect::<Vec<_>>());
        let rows: Vec<Written> = self.wire.run(|connection| query.load(connection))?;
        let item = |row: Written| Ok((LEAVES.number(row.leaf.position)?, row.event.try_into()?));
        let items = rows.into_iter().map(item).collect::<Result<Vec<_>, Error>>()?;
        Ok(Listing::of(items, limit, |(position, _)| *position))
    }
}

impl TryFrom<FrontierRow> for Frontier {
    type Error = Error;

    fn try_from(row: FrontierRow) -> Result<Self, Error> {
        FRONTIER.some(Self::restore(FRONTIER.number(row.size)?, &row.nodes))
    }
}

/// A position for a query.
pub(crate) fn position(position: u64) -> Result<i64, Error> {
    i64::try_from(position).map_err(|_too_many| LEAVES.corrupt())
}

impl TryFrom<LeafRow> for Leaf {
    type Error = Error;

    fn try_from(row: LeafRow) -> Result<Self, Error> {
        Ok(Self {
            position: LEAVES.number(row.position)?,
            trail: row.leaf_trail.into(),
            seq: row.leaf_seq,
            hash: LEAVES.digest(&row.leaf_hash)?,
            event: EventId::from(row.leaf_event),
            version: row.leaf_version,
        })
    }
}

/// A leaf where there may be none.
#[derive(QueryableByName)]
pub(crate) struct MaybeLeaf {
    #[diesel(sql_type = Nullable<BigInt>)]
    position: Option<i64>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    leaf_trail: Option<Uuid>,
    #[diesel(sql_type = Nullable<BigInt>)]
    leaf_seq: Option<i64>,
    #[diesel(sql_type = Nullable<Binary>)]
    leaf_hash: Option<Vec<u8>>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    leaf_event: Option<Uuid>,
    #[diesel(sql_type = Nullable<BigInt>)]
    leaf_version: Option<i64>,
}

impl MaybeLeaf {
    pub(crate) fn into_leaf(self) -> Result<Option<Leaf>, Error> {
        let row = (|| {
            Some(LeafRow {
                position: self.position?,
                leaf_trail: self.leaf_trail?,
                leaf_seq: self.leaf_seq?,
                leaf_hash: self.leaf_hash?,
                leaf_event: self.leaf_event?,
                leaf_version: self.leaf_version?,
            })
        })();
        row.map(Leaf::try_from).transpose()
    }
}
