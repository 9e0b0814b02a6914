//! Who holds up others in the database: connections that keep a lock for which others wait.

use std::time::Duration;

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Double, Integer, Text};
use domain::secret::Secret;

use crate::error::Error;
use crate::migrations::connect;
use crate::wire::Wire;

/// A connection that others have waited for longer than a moment, or that has a table of ours for itself, and that waits for
/// nobody itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocker {
    /// The number of its process on the server.
    pub pid: i32,
    /// The role that it is connected as: one of ours, `postgres`, or [`OTHER`].
    pub role: &'static str,
    /// What the program behind it calls itself, if it is a known one.
    pub program: &'static str,
    /// How many wait for it.
    pub waiting: i64,
    /// For how many seconds the first of them has waited; 0 if nobody does yet.
    pub seconds: i64,
}

/// A role or a program that is not known. Anybody may call theirs after a person, or after what a terminal obeys: such a name
/// does not leave this file.
pub const OTHER: &str = "other";

const ROLES: [&str; 6] = [
    "korrigo_app",
    "korrigo_read",
    "korrigo_migrate",
    "korrigo_owner",
    "korrigo_superuser",
    "postgres",
];

/// By how they begin: some go on with a version or a database.
const PROGRAMS: [&str; 14] = [
    "korrigo",
    "psql",
    "pg_dump",
    "pg_restore",
    "pg_basebackup",
    "pgbench",
    "pgAdmin",
    "DBeaver",
    "DataGrip",
    "vacuumdb",
    "reindexdb",
    "autovacuum",
    "Metabase",
    "walreceiver",
];

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Integer)]
    pid: i32,
    #[diesel(sql_type = Text)]
    role: String,
    #[diesel(sql_type = Text)]
    program: String,
    #[diesel(sql_type = BigInt)]
    waiting: i64,
    #[diesel(sql_type = BigInt)]
    seconds: i64,
}

/// Two transactions that meet are no news: only who waits for longer than a second counts. Who has a table of ours for
/// itself is shown in any case: nobody may have come by within the last second.
const BLOCKERS: &str = "
    WITH held (pid, waiter, since) AS (
        SELECT b.pid, w.pid, w.waitstart
        FROM pg_locks w JOIN pg_stat_activity ours ON ours.pid = w.pid AND ours.datname = current_database()
        CROSS JOIN LATERAL unnest(pg_blocking_pids(w.pid)) AS b (pid)
        WHERE NOT w.granted AND w.waitstart < clock_timestamp() - interval '1 second'
        UNION ALL
        SELECT l.pid, NULL, NULL
        FROM pg_locks l JOIN pg_class c ON c.oid = l.relation
        WHERE l.granted AND l.mode = 'AccessExclusiveLock' AND c.relnamespace = to_regnamespace('grading')
            AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())
    )
    SELECT a.pid, coalesce(a.usesysid::regrole::text, '') AS role,
        CASE a.backend_type WHEN 'autovacuum worker' THEN 'autovacuum' ELSE coalesce(a.application_name, '') END AS program,
        count(DISTINCT held.waiter) AS waiting,
        coalesce(extract(epoch FROM max(clock_timestamp() - held.since))::bigint, 0) AS seconds
    FROM held JOIN pg_stat_activity a ON a.pid = held.pid
    WHERE NOT EXISTS (SELECT FROM pg_locks o WHERE o.pid = a.pid AND NOT o.granted)
    GROUP BY a.pid, a.usesysid, a.application_name, a.backend_type
    ORDER BY waiting DESC, a.pid";

/// Whether somebody waits at all. The server may have other databases: theirs are not ours to judge.
const WAITING: &str = "
    SELECT count(*) AS waiting FROM pg_locks w
    JOIN pg_stat_activity ours ON ours.pid = w.pid AND ours.datname = current_database()
    WHERE NOT w.granted";

/// How often is looked. Our own services wait for a lock for two seconds and come again: with most of a second in between, one of
/// three looks meets them in the second that counts.
const LOOKS: usize = 3;

/// Of any database: what it is connected to, only the list knows.
const END: &str = "SELECT pg_terminate_backend($1) AS ended";

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
    /// looked for again, each time after this pause.
    pub fn list(&mut self, pause: Duration) -> Result<Vec<Blocker>, Error> {
        self.until(pause, |found| !found.is_empty())
    }

    /// Whether this one holds up others. Who waits is looked for again in the same way, also where others are found meanwhile.
    pub fn is_one(&mut self, pid: i32, pause: Duration) -> Result<bool, Error> {
        let is_there = |found: &[Blocker]| found.iter().any(|blocker| blocker.pid == pid);
        Ok(is_there(&self.until(pause, is_there)?))
    }

    fn until(
        &mut self,
        pause: Duration,
        is_enough: impl Fn(&[Blocker]) -> bool,
    ) -> Result<Vec<Blocker>, Error> {
        let mut found = self.look()?;
        for _ in 1..LOOKS {
            if is_enough(&found) || !self.somebody_waits()? {
                break;
            }
            let pause = sql_query("SELECT pg_sleep($1)").bind::<Double, _>(pause.as_secs_f64());
            self.wire.run(|connection| pause.execute(connection))?;
            found = self.look()?;
        }
        Ok(found)
    }

    fn look(&mut self) -> Result<Vec<Blocker>, Error> {
        let rows: Vec<Row> = self.wire.run(|connection| sql_query(BLOCKERS).load(connection))?;
        Ok(rows.iter().map(blocker).collect())
    }

    fn somebody_waits(&mut self) -> Result<bool, Error> {
        let waiting: Waiting = self
            .wire
            .run(|connection| sql_query(WAITING).get_result(connection))?;
        Ok(waiting.waiting > 0)
    }
}

fn blocker(row: &Row) -> Blocker {
    let role = ROLES.into_iter().find(|known| *known == row.role);
    let program = PROGRAMS.into_iter().find(|known| row.program.starts_with(known));
    Blocker {
        pid: row.pid,
        role: role.unwrap_or(OTHER),
        program: program.unwrap_or(OTHER),
        waiting: row.waiting,
        seconds: row.seconds,
    }
}

/// Ends a connection, which has to be one of the list; false if there is none with this number. What it had not committed is
/// rolled back. Needs a superuser, or a member of the role that is connected, in any database of the server. It blocks.
pub fn end(url: &Secret, pid: i32) -> Result<bool, Error> {
    let mut connection = connect(url)?;
    let ended: Ended = sql_query(END)
        .bind::<Integer, _>(pid)
        .get_result(&mut connection)?;
    Ok(ended.ended)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_or_role_that_is_called_after_somebody_is_another_one() {
        let seen = |role: &str, program: &str| {
            let blocker = blocker(&Row {
                pid: 4711,
                role: role.to_owned(),
                program: program.to_owned(),
                waiting: 1,
                seconds: 2,
            });
            (blocker.role, blocker.program)
        };
        assert_eq!(seen("korrigo_app", "korrigo"), ("korrigo_app", "korrigo"));
        assert_eq!(
            seen("postgres", "DBeaver 24 - Marie's laptop"),
            ("postgres", "DBeaver")
        );
        for foreign in ["Marie Durand", "\u{1b}[2J", ""] {
            assert_eq!(seen(foreign, foreign), (OTHER, OTHER));
        }
    }
}
