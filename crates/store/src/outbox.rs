//! Messages that wait to be published. A message is part of the change that causes it; the relay leases what
//! is due, publishes it, and marks it as sent. Nothing here knows what is in a message, or the broker.

use std::time::Duration;

use chrono::TimeDelta;
use diesel::prelude::*;
use domain::{JobId, OutboxId, RequestId, Timestamp, TraceParent};
use uuid::Uuid;

use crate::clock::{clock_timestamp, earlier, later, now};
use crate::columns::Table;
use crate::error::Error;
use crate::schema::outbox;
use crate::wire::Wire;

/// A message with what its headers need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// The id of the message.
    pub id: OutboxId,
    /// The job that it announces.
    pub job: JobId,
    /// Where it goes.
    pub routing_key: String,
    /// The versioned name of what is in it.
    pub kind: String,
    /// What is in it: ids.
    pub body: Vec<u8>,
    /// The request that caused it.
    pub request_id: RequestId,
    /// The span that caused it.
    pub traceparent: Option<TraceParent>,
    /// Not to be published before; at once if it is empty.
    pub available_at: Option<Timestamp>,
}

/// The request and the span that a message came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// The request.
    pub request_id: RequestId,
    /// The span.
    pub traceparent: Option<TraceParent>,
}

/// A message that the caller has the lease of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leased {
    /// The message.
    pub envelope: Envelope,
    /// How often it has been leased, this time included.
    pub attempts: i64,
}

/// Why a message was not published.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum PublishFault {
    /// No queue took it: the broker is not set up as it should be.
    Returned,
    /// The broker refused it.
    Refused,
    /// The broker did not confirm it in time.
    TimedOut,
    /// There was no connection.
    Disconnected,
}

impl PublishFault {
    /// Its code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Returned => "returned",
            Self::Refused => "refused",
            Self::TimedOut => "timed_out",
            Self::Disconnected => "disconnected",
        }
    }
}

/// How much waits to be published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// How many messages have not been sent, those of the future included.
    pub unsent: i64,
    /// How long the oldest one has been due.
    pub oldest: Duration,
}

/// The table of messages.
pub struct Outbox<'a> {
    wire: Wire<'a>,
}

const OUTBOX: Table = Table("outbox");

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
struct Row {
    id: Uuid,
    job_id: Uuid,
    routing_key: String,
    kind: String,
    body: Vec<u8>,
    request_id: String,
    traceparent: Option<String>,
    available_at: Timestamp,
    attempts: i64,
}

impl<'a> Outbox<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Adds a message.
    pub fn enqueue(&mut self, envelope: &Envelope) -> Result<(), Error> {
        let row = diesel::insert_into(outbox::table).values((
            outbox::id.eq(Uuid::from(envelope.id)),
            outbox::job_id.eq(Uuid::from(envelope.job)),
            outbox::routing_key.eq(&envelope.routing_key),
            outbox::kind.eq(&envelope.kind),
            outbox::body.eq(&envelope.body),
            outbox::request_id.eq(envelope.request_id.as_str()),
            outbox::traceparent.eq(envelope.traceparent.as_ref().map(TraceParent::as_str)),
            envelope.available_at.map(|at| outbox::available_at.eq(at)),
        ));
        self.wire.run(|connection| row.execute(connection)).map(|_one| ())
    }

    /// The request that the first message of a job came from; `None` if it was forgotten since.
    pub fn cause_of(&mut self, job: JobId) -> Result<Option<Cause>, Error> {
        let query = outbox::table
            .filter(outbox::job_id.eq(Uuid::from(job)))
            .order(outbox::id)
            .select((outbox::request_id, outbox::traceparent));
        let found: Option<(String, Option<String>)> =
            self.wire.run(|connection| query.first(connection).optional())?;
        let Some((request_id, traceparent)) = found else {
            return Ok(None);
        };
        Ok(Some(Cause {
            request_id: OUTBOX.parse(&request_id)?,
            traceparent: traceparent.map(|text| OUTBOX.parse(&text)).transpose()?,
        }))
    }

    /// Leases messages that are due, longest due first. Two relays never get the same one while its lease
    /// holds, and neither waits for the other.
    pub fn lease_due(&mut self, limit: u16, lease: TimeDelta) -> Result<Vec<Leased>, Error> {
        let free = outbox::table
            .filter(outbox::sent_at.is_null())
            .filter(outbox::available_at.le(clock_timestamp()))
            .filter(
                outbox::leased_until
                    .is_null()
                    .or(outbox::leased_until.le(clock_timestamp().nullable())),
            )
            .order((outbox::available_at, outbox::id))
            .limit(i64::from(limit))
            .select(outbox::id)
            .for_no_key_update()
            .skip_locked();
        let ids: Vec<Uuid> = self.wire.run(|connection| free.load(connection))?;
        if ids.is_empty() {
            return Ok(Vec::new());
        }
        let update = diesel::update(outbox::table.filter(outbox::id.eq_any(&ids)))
            .set((
                outbox::leased_until.eq(later(clock_timestamp(), lease).nullable()),
                outbox::attempts.eq(outbox::attempts + 1),
            ))
            .returning(Row::as_returning());
        let mut rows: Vec<Row> = self.wire.run(|connection| update.load(connection))?;
        // An UPDATE returns its rows in any order.
        rows.sort_by_key(|row| (row.available_at, row.id));
        rows.into_iter().map(Leased::try_from).collect()
    }

    /// Marks messages as sent.
    pub fn mark_sent(&mut self, ids: &[OutboxId]) -> Result<(), Error> {
        let ids: Vec<Uuid> = ids.iter().copied().map(Uuid::from).collect();
        let sent = outbox::table
            .filter(outbox::id.eq_any(ids))
            .filter(outbox::sent_at.is_null());
        let update = diesel::update(sent).set((
            outbox::sent_at.eq(clock_timestamp().nullable()),
            outbox::leased_until.eq(None::<Timestamp>),
            outbox::last_error.eq(None::<&str>),
        ));
        self.wire
            .run(|connection| update.execute(connection))
            .map(|_count| ())
    }

    /// Notes why a message was not published, and gives its lease back; it is due again after `pause`.
    pub fn mark_failed(&mut self, id: OutboxId, fault: PublishFault, pause: TimeDelta) -> Result<(), Error> {
        let unsent = outbox::table
            .find(Uuid::from(id))
            .filter(outbox::sent_at.is_null());
        let update = diesel::update(unsent).set((
            outbox::available_at.eq(later(clock_timestamp(), pause)),
            outbox::leased_until.eq(None::<Timestamp>),
            outbox::last_error.eq(fault.as_str()),
        ));
        self.wire
            .run(|connection| update.execute(connection))
            .map(|_count| ())
    }

    /// Gives back leases of messages that were not tried.
    pub fn release(&mut self, ids: &[OutboxId]) -> Result<(), Error> {
        let ids: Vec<Uuid> = ids.iter().copied().map(Uuid::from).collect();
        let leased = outbox::table
            .filter(outbox::id.eq_any(ids))
            .filter(outbox::leased_until.is_not_null());
        let update = diesel::update(leased).set((
            outbox::leased_until.eq(None::<Timestamp>),
            outbox::attempts.eq(outbox::attempts - 1),
        ));
        self.wire
            .run(|connection| update.execute(connection))
            .map(|_count| ())
    }

    /// How much waits to be published.
    pub fn unsent_stats(&mut self) -> Result<Backlog, Error> {
        let counts = outbox::table
            .filter(outbox::sent_at.is_null())
            .select((diesel::dsl::count_star(), diesel::dsl::min(outbox::available_at)));
        let (unsent, oldest): (i64, Option<Timestamp>) =
            self.wire.run(|connection| counts.first(connection))?;
        let now: Timestamp = self
            .wire
            .run(|connection| diesel::select(clock_timestamp()).get_result(connection))?;
        let oldest = oldest
            .and_then(|oldest| (now - oldest).to_std().ok())
            .unwrap_or_default();
        Ok(Backlog { unsent, oldest })
    }

    /// Forgets messages that were sent before `older_than`, and says how many.
    pub fn purge_sent(&mut self, older_than: TimeDelta) -> Result<usize, Error> {
        let old = outbox::table.filter(outbox::sent_at.lt(earlier(now(), older_than).nullable()));
        self.wire
            .run(|connection| diesel::delete(old).execute(connection))
    }
}

impl TryFrom<Row> for Leased {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            envelope: Envelope {
                id: row.id.into(),
                job: row.job_id.into(),
                routing_key: row.routing_key,
                kind: row.kind,
                body: row.body,
                request_id: OUTBOX.parse(&row.request_id)?,
                traceparent: OUTBOX.parse_some(row.traceparent.as_deref())?,
                available_at: Some(row.available_at),
            },
            attempts: row.attempts,
        })
    }
}
