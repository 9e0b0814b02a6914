//! Who holds up others in the database: connections that keep a lock for which others wait.

use diesel::PgConnection;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Integer, Text};
use domain::secret::Secret;

use crate::error::Error;
use crate::wire::Wire;

/// A connection that others have waited for longer than a moment, and that waits for nobody itself.
#[derive(Debug, Clone, PartialEq, Eq, QueryableByName)]
pub struct Blocker {
    /// The number of its process on the server.
    #[diesel(sql_type = Integer)]
    pub pid: i32,
    /// The role that it is connected as.
    #[diesel(sql_type = Text)]
    pub role: String,
    /// What the program behind it calls itself.
    #[diesel(sql_type = Text)]
    pub program: String,
    /// How many wait for it.
    #[diesel(sql_type = BigInt)]
    pub waiting: i64,
    /// For how many seconds the first of them has waited.
    #[diesel(sql_type = BigInt)]
    pub seconds: i64,
}

/// Two transactions that meet are no news: only who waits for longer than a second counts.
const BLOCKERS: &str = "
    SELECT a.pid, coalesce(a.usesysid::regrole::text, '') AS role, coalesce(a.application_name, '') AS program,
        count(DISTINCT w.pid) AS waiting,
        extract(epoch FROM max(clock_timestamp() - w.waitstart))::bigint AS seconds
    FROM pg_locks w
    CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) AS b (pid)
    JOIN pg_stat_activity a ON a.pid = b.pid
    WHERE NOT w.granted AND w.waitstart < clock_timestamp() - interval '1 second'
        AND NOT EXISTS (SELECT FROM pg_locks o WHERE o.pid = a.pid AND NOT o.granted)
    GROUP BY a.pid, a.usesysid, a.application_name
    ORDER BY waiting DESC, a.pid";

/// Whether somebody waits at all.
const WAITING: &str = "SELECT count(*) AS waiting FROM pg_locks WHERE NOT granted";

/// How often is looked, and how long not in between. Our own services wait for a lock for two seconds and come again: one of three
/// looks meets them in the second that counts.
const LOOKS: usize = 3;
const PAUSE: &str = "SELECT pg_sleep(0.7)";

/// Only what holds somebody up can be ended.
const END: &str = "
    SELECT pg_terminate_backend(a.pid) AS ended FROM pg_stat_activity a
    WHERE a.pid = $1 AND EXISTS (SELECT FROM pg_locks w WHERE NOT w.granted AND a.pid = ANY (pg_blocking_pids(w.pid)))";

/// Locks as the server sees them.
pub struct Blockers<'a> {
    wire: Wire<'a>,
}

#[derive(QueryableByName)]
struct Waiting {
    #[diesel(sql_type = BigInt)]
    waiting: i64,
}

#[derive(QueryableByName)]
struct Ended {
    #[diesel(sql_type = Bool)]
    ended: bool,
}

impl<'a> Blockers<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Those who hold up others, the worst first.
    ///
    /// Who waits may have begun a moment ago, as those have who were refused after a while and came again: they are
    /// looked for again.
    pub fn list(&mut self) -> Result<Vec<Blocker>, Error> {
        let mut found = self.look()?;
        for _ in 1..LOOKS {
            if !found.is_empty() || !self.somebody_waits()? {
                break;
            }
            self.wire.run(|connection| sql_query(PAUSE).execute(connection))?;
            found = self.look()?;
        }
        Ok(found)
    }

    fn look(&mut self) -> Result<Vec<Blocker>, Error> {
        self.wire.run(|connection| sql_query(BLOCKERS).load(connection))
    }

    fn somebody_waits(&mut self) -> Result<bool, Error> {
        let waiting: Waiting = self
            .wire
            .run(|connection| sql_query(WAITING).get_result(connection))?;
        Ok(waiting.waiting > 0)
    }
}

/// Ends a connection that holds up others; false if there is none with this number. What it had not committed is rolled
/// back. Needs a superuser, or a member of the role that is connected. It blocks.
pub fn end(url: &Secret, pid: i32) -> Result<bool, Error> {
    let mut connection = PgConnection::establish(url.expose()).map_err(|_why| Error::Unreachable)?;
    let ended: Option<Ended> = sql_query(END)
        .bind::<Integer, _>(pid)
        .get_result(&mut connection)
        .optional()?;
    Ok(ended.is_some_and(|row| row.ended))
}
