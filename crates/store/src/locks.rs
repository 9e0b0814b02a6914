//! Who corrects a copy at the moment. A lock is taken and given back with a change of the copy, through
//! [`Tx::record`](crate::Tx::record); from here it is kept alive and looked for.

use std::time::Duration;

use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::BigInt;
use domain::lock::{Lock, Ttl};
use domain::{CopyId, Timestamp};
use uuid::Uuid;

use crate::clock::clock_timestamp;
use crate::columns::Table;
use crate::error::Error;
use crate::schema::locks;
use crate::wire::Wire;

/// How the locks are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// For how long the oldest one has been.
    pub oldest: Duration,
    /// How many have ended by themselves and are still there.
    pub overdue: i64,
}

/// The table of locks.
pub struct Locks<'a> {
    wire: Wire<'a>,
}

const LOCKS: Table = Table("locks");

#[derive(Queryable, Selectable)]
#[diesel(table_name = locks)]
pub(crate) struct Row {
    owner_id: Uuid,
    token_digest: Vec<u8>,
    fence: i64,
    ttl_seconds: i64,
    expires_at: Timestamp,
}

impl<'a> Locks<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Keeps a lock under the same fence: with another token, another end. [`Error::Stale`] if it is gone.
    pub fn renew(&mut self, copy: CopyId, lock: &Lock) -> Result<(), Error> {
        let same = locks::table
            .find(Uuid::from(copy))
            .filter(locks::fence.eq(lock.fence));
        let update = diesel::update(same).set((
            locks::token_digest.eq(lock.token.as_bytes().as_slice()),
            locks::ttl_seconds.eq(i64::from(lock.ttl.seconds())),
            locks::expires_at.eq(lock.expires_at),
        ));
        match self.wire.run(|connection| update.execute(connection))? {
            0 => Err(Error::Stale { table: LOCKS.0 }),
            _one => Ok(()),
        }
    }

    /// Copies whose lock has ended by itself, those that ended first first.
    pub fn lapsed(&mut self, limit: u16) -> Result<Vec<CopyId>, Error> {
        let query = locks::table
            .filter(locks::expires_at.le(clock_timestamp()))
            .order(locks::expires_at)
            .limit(i64::from(limit))
            .select(locks::copy_id);
        let copies: Vec<Uuid> = self.wire.run(|connection| query.load(connection))?;
        Ok(copies.into_iter().map(CopyId::from).collect())
    }

    /// How all locks are.
    pub fn stats(&mut self) -> Result<Held, Error> {
        let query = locks::table.select((
            diesel::dsl::min(locks::acquired_at),
            clock_timestamp(),
            sql::<BigInt>("count(*) FILTER (WHERE expires_at <= clock_timestamp())"),
        ));
        let (oldest, now, overdue): (Option<Timestamp>, Timestamp, i64) =
            self.wire.run(|connection| query.first(connection))?;
        let oldest = oldest
            .and_then(|oldest| (now - oldest).to_std().ok())
            .unwrap_or_default();
        Ok(Held { oldest, overdue })
    }

    /// The lock of a copy, if there is one.
    pub(crate) fn get(&mut self, copy: CopyId) -> Result<Option<Lock>, Error> {
        let query = locks::table.find(Uuid::from(copy)).select(Row::as_select());
        let row: Option<Row> = self.wire.run(|connection| query.first(connection).optional())?;
        row.as_ref().map(lock).transpose()
    }

    /// Adds a lock.
    pub(crate) fn insert(&mut self, copy: CopyId, lock: &Lock) -> Result<(), Error> {
        let row = diesel::insert_into(locks::table).values((
            locks::copy_id.eq(Uuid::from(copy)),
            locks::owner_id.eq(Uuid::from(lock.owner)),
            locks::token_digest.eq(lock.token.as_bytes().as_slice()),
            locks::fence.eq(lock.fence),
            locks::ttl_seconds.eq(i64::from(lock.ttl.seconds())),
            locks::expires_at.eq(lock.expires_at),
        ));
        self.wire.run(|connection| row.execute(connection)).map(|_one| ())
    }

    /// Takes the lock of a copy away.
    pub(crate) fn delete(&mut self, copy: CopyId) -> Result<(), Error> {
        let delete = diesel::delete(locks::table.find(Uuid::from(copy)));
        match self.wire.run(|connection| delete.execute(connection))? {
            0 => Err(Error::Stale { table: LOCKS.0 }),
            _one => Ok(()),
        }
    }
}

/// A lock as it is stored.
pub(crate) fn lock(row: &Row) -> Result<Lock, Error> {
    let ttl = Ttl::from_seconds(LOCKS.number(row.ttl_seconds)?);
    Ok(Lock {
        owner: row.owner_id.into(),
        token: LOCKS.digest(&row.token_digest)?,
        fence: row.fence,
        ttl: LOCKS.some(ttl)?,
        expires_at: row.expires_at,
    })
}
