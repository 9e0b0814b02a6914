//! The audit trail. It is written through [`Tx::record`](crate::Tx::record); from here it is read.

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::Text;
use domain::audit::{Action, Actor, Event, Link, Recorded, Subject};
use domain::{CopyId, EventId, Timestamp, TrailId};
use uuid::Uuid;

use crate::columns::Table;
use crate::error::Error;
use crate::listing::{Listing, with_one_more};
use crate::schema::{copies, grading_events, users};
use crate::wire::Wire;

/// What was recorded, for what is told of the record after the commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use = "the audit log and the metrics have to be told"]
pub struct Entry {
    /// What happened.
    pub action: Action,
    /// To whom.
    pub subject: Subject,
    /// Its place in their trail.
    pub seq: i64,
    /// By whom.
    pub actor: Actor,
}

/// Whose trail it is, and where it ends, as the row of the copy or person says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct End {
    /// Whose.
    pub subject: Subject,
    /// Where it ends.
    pub link: Link,
}

/// The table of events.
pub struct Events<'a> {
    wire: Wire<'a>,
}

const EVENTS: Table = Table("grading_events");

#[derive(Queryable)]
struct Row {
    id: Uuid,
    trail: Uuid,
    seq: i64,
    action: String,
    actor_kind: String,
    actor_id: Uuid,
    operation: Uuid,
    at: Timestamp,
    version: i64,
    metadata: String,
    prev: Vec<u8>,
    hash: Vec<u8>,
}

impl<'a> Events<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Events of a copy that come after the position `after`, in order.
    pub fn page(
        &mut self,
        copy: CopyId,
        after: Option<i64>,
        limit: u16,
    ) -> Result<Listing<Recorded, i64>, Error> {
        let query = grading_events::table
            .filter(grading_events::copy_id.eq(Uuid::from(copy)))
            .filter(grading_events::seq.gt(after.unwrap_or(0)))
            .order(grading_events::seq)
            .limit(with_one_more(limit))
            .select((
                grading_events::id,
                grading_events::copy_id,
                grading_events::seq,
                grading_events::action,
                grading_events::actor_kind,
                grading_events::actor_id,
                grading_events::operation_id,
                grading_events::at,
                grading_events::copy_version,
                // As the database writes it, which is what it hashed.
                sql::<Text>("metadata::text"),
                grading_events::prev,
                grading_events::hash,
            ));
        let rows: Vec<Row> = self.wire.run(|connection| query.load(connection))?;
        let items = rows.into_iter().map(recorded).collect::<Result<Vec<_>, _>>()?;
        Ok(Listing::of(items, limit, |event| event.seq))
    }

    /// Whose trail it is, and where it ends; `None` if there is no such copy and no such person.
    pub fn end(&mut self, trail: TrailId) -> Result<Option<End>, Error> {
        let id = Uuid::from(trail);
        let query = copies::table.find(id).select((copies::ev_seq, copies::ev_head));
        let found: Option<(i64, Vec<u8>)> = self.wire.run(|connection| query.first(connection).optional())?;
        if let Some((seq, head)) = found {
            return End::new(Subject::Copy(id.into()), seq, &head).map(Some);
        }
        let query = users::table.find(id).select((users::ev_seq, users::ev_head));
        let found: Option<(i64, Vec<u8>)> = self.wire.run(|connection| query.first(connection).optional())?;
        found
            .map(|(seq, head)| End::new(Subject::User(id.into()), seq, &head))
            .transpose()
    }

    /// Adds an event. Its place in the trail and its time are the database's to set.
    pub(crate) fn append(&mut self, id: EventId, event: &Event) -> Result<Entry, Error> {
        let metadata = serde_json::to_value(&event.metadata).map_err(|_not_json| EVENTS.corrupt())?;
        let row = diesel::insert_into(grading_events::table).values((
            grading_events::id.eq(Uuid::from(id)),
            grading_events::copy_id.eq(Uuid::from(event.subject.trail())),
            grading_events::action.eq(event.action().as_str()),
            grading_events::actor_kind.eq(event.actor.kind()),
            grading_events::actor_id.eq(event.actor.id()),
            grading_events::operation_id.eq(Uuid::from(event.operation)),
            grading_events::metadata.eq(metadata),
        ));
        let row = row.returning(grading_events::seq);
        let seq = self.wire.run(|connection| row.get_result(connection))?;
        Ok(Entry {
            action: event.action(),
            subject: event.subject,
            seq,
            actor: event.actor,
        })
    }

    /// Adds many events, in their order, a thousand at a time: a statement has no more than 65,535 parameters.
    pub(crate) fn append_all(&mut self, events: &[(EventId, &Event)]) -> Result<Vec<Entry>, Error> {
        let mut entries = Vec::with_capacity(events.len());
        for part in events.chunks(1_000) {
            let rows = part.iter().map(|(id, event)| {
                let metadata = serde_json::to_value(&event.metadata).map_err(|_not_json| EVENTS.corrupt())?;
                Ok((
                    grading_events::id.eq(Uuid::from(*id)),
                    grading_events::copy_id.eq(Uuid::from(event.subject.trail())),
                    grading_events::action.eq(event.action().as_str()),
                    grading_events::actor_kind.eq(event.actor.kind()),
                    grading_events::actor_id.eq(event.actor.id()),
                    grading_events::operation_id.eq(Uuid::from(event.operation)),
                    grading_events::metadata.eq(metadata),
                ))
            });
            let rows = diesel::insert_into(grading_events::table)
                .values(rows.collect::<Result<Vec<_>, Error>>()?)
                .returning(grading_events::seq);
            let seqs: Vec<i64> = self.wire.run(|connection| rows.get_results(connection))?;
            // The trigger has each in its place; the answer comes in the order of the rows.
            for ((_, event), seq) in part.iter().zip(seqs) {
                entries.push(Entry {
                    action: event.action(),
                    subject: event.subject,
                    seq,
                    actor: event.actor,
                });
            }
        }
        Ok(entries)
    }
}

impl End {
    pub(crate) fn new(subject: Subject, seq: i64, head: &[u8]) -> Result<Self, Error> {
        let head = EVENTS.digest(head)?;
        Ok(Self {
            subject,
            link: Link { seq, head },
        })
    }
}

fn recorded(row: Row) -> Result<Recorded, Error> {
    Ok(Recorded {
        id: row.id.into(),
        trail: row.trail.into(),
        seq: row.seq,
        action: row.action,
        actor_kind: row.actor_kind,
        actor_id: row.actor_id,
        operation: row.operation.into(),
        at: row.at,
        version: row.version,
        metadata: row.metadata,
        prev: EVENTS.digest(&row.prev)?,
        hash: EVENTS.digest(&row.hash)?,
    })
}
