//! The books of a system, checked when a test is over.

use broker::Topology;
use diesel::sql_types::BigInt;
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use telemetry::metrics::AuditCheck;

use super::{System, connect};
use crate::{TestBroker, TestDatabase};

/// Each finds what must not be: a name, and a query that counts.
const RULES: &[(&str, &str)] = &[
    (
        "copies whose version has no event",
        "SELECT count(*) FROM grading.copies c, generate_series(1, c.version) v
         WHERE NOT EXISTS (SELECT FROM grading.grading_events e WHERE e.copy_id = c.id AND e.copy_version = v)",
    ),
    (
        "copies whose head is not their last event",
        "SELECT count(*) FROM grading.copies c
         LEFT JOIN grading.grading_events e ON e.copy_id = c.id AND e.seq = c.ev_seq
         WHERE c.ev_seq > 0 AND (e.hash IS DISTINCT FROM c.ev_head)",
    ),
    (
        "copies with gaps between their pages",
        "SELECT count(*) FROM grading.copies c
         WHERE c.page_count IS NOT NULL
           -- One that was merged into another gave all its pages away.
           AND NOT (c.discarded AND NOT EXISTS (SELECT FROM grading.booklets k WHERE k.copy_id = c.id))
           AND c.page_count <> (SELECT count(*) FROM grading.pages p WHERE p.copy_id = c.id AND p.index < c.page_count)",
    ),
    (
        "pages of copies that have none",
        "SELECT count(*) FROM grading.pages p JOIN grading.copies c ON c.id = p.copy_id WHERE c.page_count IS NULL",
    ),
    (
        "pages of scans that are not in one booklet, whole or as both halves",
        "SELECT count(*) FROM grading.batches b, generate_series(0, b.page_count - 1) AS number
         WHERE b.status = 'SPLIT' AND coalesce((SELECT array_agg(part ORDER BY part) FROM grading.batch_pieces p
            WHERE p.batch_id = b.id AND p.page = number), '{}') NOT IN ('{whole}', '{left,right}')",
    ),
    (
        "booklets that have other pages than were cut out for them",
        "SELECT count(*) FROM grading.copies c JOIN grading.booklets k ON k.copy_id = c.id
         WHERE k.batch_id IS NOT NULL AND c.page_count IS NOT NULL
           AND (SELECT count(*) FROM grading.pages p WHERE p.booklet_id = k.id) <>
            (SELECT count(*) FROM grading.batch_pieces p WHERE p.booklet_id = k.id)",
    ),
    (
        "pages that are not where their booklet is",
        "SELECT count(*) FROM grading.pages p JOIN grading.booklets k ON k.id = p.booklet_id
         WHERE k.copy_id <> p.copy_id",
    ),
    (
        "copies that were imported more than once",
        "SELECT count(*) FROM (SELECT copy_id FROM grading.grading_events
         WHERE action = 'IMPORT' AND metadata->>'success' = 'true' GROUP BY copy_id HAVING count(*) > 1) twice",
    ),
];

const UNFINISHED: &[(&str, &str)] = &[
    (
        "messages in the outbox",
        "SELECT count(*) FROM grading.outbox WHERE sent_at IS NULL",
    ),
    (
        "leases that are held",
        "SELECT count(*) FROM grading.jobs WHERE lease_until IS NOT NULL",
    ),
    (
        "jobs that have not ended",
        "SELECT count(*) FROM grading.jobs WHERE state IN ('QUEUED', 'RUNNING')",
    ),
];

/// Panics if the books are not in order.
#[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
pub(super) fn check(system: &System) {
    let mut connection = connect(&system.database.superuser_url()).expect("the database answers");
    let unfinished = if system.expected.unfinished {
        &[]
    } else {
        UNFINISHED
    };
    for (what, query) in RULES.iter().chain(unfinished) {
        let found: Counted = sql_query(*query).get_result(&mut connection).expect(what);
        assert_eq!(found.count, 0, "{what}");
    }
    let verified = system.database.verify_chains();
    assert!(verified.is_ok(), "a chain is broken: {verified:?}");
    assert_eq!(disagreements(&system.database), [], "tables and trails");
    assert_eq!(
        dead_letters(&system.broker),
        system.expected.dead_letters,
        "dead letters"
    );
}

/// What in the tables does not agree with the trail, by the same checks that the service makes.
#[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
fn disagreements(database: &TestDatabase) -> Vec<(AuditCheck, u64)> {
    let counts = asked(async {
        let store = database.store().await;
        let counts = store.transaction("test", |tx| tx.reconciliation().run()).await;
        let counts: Result<Vec<_>, store::Error> = counts;
        counts.expect("tables and trails are compared")
    });
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

#[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
fn dead_letters(broker: &TestBroker) -> u32 {
    asked(async {
        let mut count = 0;
        for queue in Topology::korrigo().queues {
            count += broker.depth(queue.dead).await.expect("the queue of dead letters");
        }
        count
    })
}

/// Asks on a thread and a runtime of its own: the test's runtime may not wait inside a drop.
#[expect(clippy::expect_used, reason = "a test that cannot go on says so")]
fn asked<T: Send>(question: impl Future<Output = T> + Send) -> T {
    std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            runtime.expect("a runtime").block_on(question)
        });
        asking.join().expect("there is an answer")
    })
}

#[derive(QueryableByName)]
struct Counted {
    #[diesel(sql_type = BigInt)]
    count: i64,
}
