//! Counters of failed guesses. What they mean is decided in `domain`; here they are kept, for all processes
//! together.

use chrono::TimeDelta;
use diesel::prelude::*;
use domain::Timestamp;
use domain::throttle::{Counter, Key, Limits};

use crate::clock::{earlier, now};
use crate::columns::Table;
use crate::error::Error;
use crate::schema::throttles;
use crate::wire::Wire;

/// The table of counters.
pub struct Throttles<'a> {
    wire: Wire<'a>,
}

const THROTTLES: Table = Table("throttles");

#[derive(Queryable, Selectable)]
#[diesel(table_name = throttles)]
struct Row {
    failures: i64,
    begun_at: Timestamp,
    blocked_until: Option<Timestamp>,
}

impl<'a> Throttles<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// The failures under a key, if there are any.
    pub fn get(&mut self, key: &Key) -> Result<Option<Counter>, Error> {
        let query = throttles::table
            .find(key.digest.as_bytes().as_slice())
            .select(Row::as_select());
        let row: Option<Row> = self.wire.run(|connection| query.first(connection).optional())?;
        row.map(Counter::try_from).transpose()
    }

    /// Counts one more failure. Of several keys, those of accounts come first: the order keeps two failures
    /// from waiting for each other.
    pub fn fail(&mut self, key: &Key, limits: Limits, at: Timestamp) -> Result<Counter, Error> {
        let counter = self.lock(key)?.failed(limits, at);
        let digest = key.digest.as_bytes().as_slice();
        let update = diesel::update(throttles::table.find(digest)).set((
            throttles::failures.eq(i64::from(counter.failures)),
            throttles::begun_at.eq(counter.begun_at),
            throttles::blocked_until.eq(counter.blocked_until),
        ));
        self.wire.run(|connection| update.execute(connection))?;
        Ok(counter)
    }

    /// The failures under a key. Nobody else counts one until the transaction ends.
    pub fn lock(&mut self, key: &Key) -> Result<Counter, Error> {
        let digest = key.digest.as_bytes().as_slice();
        // A row that is there is locked by being set to what it is.
        let locked = diesel::insert_into(throttles::table)
            .values((throttles::key.eq(digest), throttles::scope.eq(key.scope.as_str())))
            .on_conflict(throttles::key)
            .do_update()
            .set(throttles::failures.eq(throttles::failures))
            .returning(Row::as_returning());
        let row: Row = self.wire.run(|connection| locked.get_result(connection))?;
        Counter::try_from(row)
    }

    /// Forgets the failures under a key.
    pub fn clear(&mut self, key: &Key) -> Result<(), Error> {
        let delete = diesel::delete(throttles::table.find(key.digest.as_bytes().as_slice()));
        self.wire
            .run(|connection| delete.execute(connection))
            .map(|_count| ())
    }

    /// Forgets counters whose window began before `older_than` and which block nobody, and says how many.
    pub fn purge(&mut self, older_than: TimeDelta) -> Result<usize, Error> {
        let blocks = throttles::blocked_until
            .is_not_null()
            .and(throttles::blocked_until.assume_not_null().gt(now()));
        let old = throttles::table
            .filter(throttles::begun_at.lt(earlier(now(), older_than)))
            .filter(diesel::dsl::not(blocks));
        self.wire
            .run(|connection| diesel::delete(old).execute(connection))
    }
}

impl TryFrom<Row> for Counter {
    type Error = Error;

    fn try_from(row: Row) -> Result<Self, Error> {
        Ok(Self {
            failures: THROTTLES.number(row.failures)?,
            begun_at: row.begun_at,
            blocked_until: row.blocked_until,
        })
    }
}
