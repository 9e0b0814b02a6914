//! Trails as a test reads them: all at once, by the definition that does not come from the database.

use diesel::QueryableByName;
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::{BigInt, Binary, Text, Timestamptz, Uuid as SqlUuid};
use domain::audit::{Broken, Link, Recorded, verify};
use domain::{Digest, Timestamp, TrailId};
use uuid::Uuid;

use super::{TestDatabase, connect, load};

impl TestDatabase {
    /// Checks the audit trail of every copy and person, with the definition that does not come from the database.
    ///
    /// # Errors
    /// The first broken trail, and how it is broken.
    ///
    /// # Panics
    /// If the database does not answer.
    #[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
    pub fn verify_chains(&self) -> Result<(), (TrailId, Broken)> {
        let mut connection = connect(&self.superuser_url());
        // Services may be at work: ends and events are of one moment.
        let begin = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        connection.batch_execute(begin).expect("a transaction begins");
        let ends = "SELECT id, ev_seq, ev_head FROM grading.copies
            UNION ALL SELECT id, ev_seq, ev_head FROM grading.users";
        let ends: Vec<EndRow> = load(&mut connection, ends);
        for end in ends {
            let query = format!(
                "SELECT *, metadata::text AS said FROM grading.grading_events WHERE copy_id = '{}' ORDER BY seq",
                end.id
            );
            let events: Vec<EventRow> = load(&mut connection, &query);
            let events: Vec<Recorded> = events.into_iter().map(Recorded::from).collect();
            let link = Link {
                seq: end.ev_seq,
                head: digest(&end.ev_head),
            };
            verify(&events, link).map_err(|broken| (end.id.into(), broken))?;
        }
        Ok(())
    }
}

#[derive(QueryableByName)]
struct EndRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    ev_seq: i64,
    #[diesel(sql_type = Binary)]
    ev_head: Vec<u8>,
}

#[derive(QueryableByName)]
struct EventRow {
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

impl From<EventRow> for Recorded {
    fn from(row: EventRow) -> Self {
        Self {
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
            prev: digest(&row.prev),
            hash: digest(&row.hash),
        }
    }
}

#[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
fn digest(bytes: &[u8]) -> Digest {
    Digest::try_from(bytes).expect("the schema keeps digests at 32 bytes")
}
