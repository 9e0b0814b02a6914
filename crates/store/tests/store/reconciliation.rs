//! Tables and trails agree, and each way in which they do not is counted by its check.

use store::Error;
use telemetry::metrics::AuditCheck;

use crate::desk::Desk;
use crate::harness::Bench;

async fn mismatches(bench: &Bench) -> Vec<(AuditCheck, u64)> {
    let counts = bench.tx(|tx| tx.reconciliation().run()).await;
    let counts: Result<Vec<_>, Error> = counts;
    let counts = counts.expect("they are compared");
    assert_eq!(counts.len(), AuditCheck::ALL.len());
    counts.into_iter().filter(|(_, count)| *count > 0).collect()
}

#[tokio::test]
async fn what_was_done_by_the_rules_agrees() {
    let desk = Desk::new().await;
    desk.bench.ready(b"another").await;
    desk.bench.registered(b"a third").await;
    assert_eq!(mismatches(&desk.bench).await, []);
}

#[tokio::test]
async fn each_check_finds_what_it_is_for() {
    for (check, damage) in [
        (AuditCheck::TrailEnds, "UPDATE grading.copies SET ev_seq = 7"),
        (AuditCheck::Status, "UPDATE grading.copies SET status = 'GRADED'"),
        (
            AuditCheck::Annotations,
            "INSERT INTO grading.annotations (id, copy_id, page_index, x, y, w, h, kind, ink, ink_points, created_by)
             SELECT gen_random_uuid(), c.id, 0, 0, 0, 1, 1, 'COMMENT', '[]', 0, u.id
             FROM grading.copies c, (SELECT id FROM grading.users LIMIT 1) u",
        ),
        (
            AuditCheck::Jobs,
            "INSERT INTO grading.jobs (id, kind, copy_id, owner_id, state, attempt, max_attempts, fence,
                 progress_done, progress_total, revision, request_id, finished_at)
             SELECT gen_random_uuid(), 'FINALIZE_COPY', copy_id, owner_id, 'SUCCEEDED', 1, 3, 1, 1, 1, 1,
                 'request-0001', now() FROM grading.jobs",
        ),
        (
            AuditCheck::Documents,
            "INSERT INTO grading.documents (job_id, copy_id, digest, size, pages)
             SELECT id, copy_id, sha256('other'), 1, 1 FROM grading.jobs",
        ),
    ] {
        let bench = Bench::new().await;
        bench.ready(b"scan").await;
        assert_eq!(mismatches(&bench).await, [], "before");
        let unchecked = format!(
            "ALTER TABLE grading.copies DROP CONSTRAINT copies_columns_of_state;
             SET session_replication_role = replica; {damage}"
        );
        bench.database.run(&unchecked);
        assert_eq!(mismatches(&bench).await, [(check, 1)], "{check}");
    }
}
