//! Whether the tables agree with the trails. Each check counts what does not, and all of them see the same moment.

use diesel::connection::SimpleConnection as _;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::BigInt;
use telemetry::metrics::AuditCheck;

use crate::columns::Table;
use crate::error::Error;
use crate::wire::Wire;

const EVENTS: Table = Table("grading_events");

const fn query_of(check: AuditCheck) -> &'static str {
    match check {
        AuditCheck::TrailEnds => TRAIL_ENDS,
        AuditCheck::Status => STATUS,
        AuditCheck::Annotations => ANNOTATIONS,
        AuditCheck::Scores => SCORES,
        AuditCheck::Jobs => JOBS,
        AuditCheck::Documents => DOCUMENTS,
        AuditCheck::People => PEOPLE,
    }
}

const TRAIL_ENDS: &str = "
    SELECT count(*) AS number
    FROM (SELECT id, ev_seq FROM grading.copies UNION ALL SELECT id, ev_seq FROM grading.users) t
    LEFT JOIN (SELECT copy_id, max(seq) AS last, count(*) AS events FROM grading.grading_events GROUP BY copy_id) e
        ON e.copy_id = t.id
    WHERE t.ev_seq <> coalesce(e.last, 0) OR t.ev_seq <> coalesce(e.events, 0)";

/// A failed attempt to finalize leaves the copy where it is or gives it up; the event does not say which.
const STATUS: &str = "
    SELECT count(*) AS number FROM grading.copies c
    LEFT JOIN (
        SELECT DISTINCT ON (copy_id) copy_id, CASE action
            WHEN 'IMPORT' THEN ARRAY['STAGING']
            WHEN 'VALIDATE' THEN ARRAY['READY']
            WHEN 'LOCK' THEN ARRAY['LOCKED']
            WHEN 'UNLOCK' THEN CASE metadata ->> 'reason'
                WHEN 'finalized' THEN ARRAY['GRADING_IN_PROGRESS'] ELSE ARRAY['READY'] END
            WHEN 'FORCE_UNLOCK' THEN ARRAY['READY']
            WHEN 'FINALIZE' THEN CASE metadata ->> 'success'
                WHEN 'true' THEN ARRAY['GRADED'] ELSE ARRAY['GRADING_IN_PROGRESS', 'GRADING_FAILED'] END
            WHEN 'REOPEN' THEN ARRAY['READY']
            WHEN 'CORRECTION' THEN ARRAY['GRADING_IN_PROGRESS']
            WHEN 'DISCARD' THEN ARRAY['STAGING']
            WHEN 'MERGE' THEN ARRAY['STAGING']
            WHEN 'RETRY' THEN CASE metadata ->> 'job'
                WHEN 'FINALIZE_COPY' THEN ARRAY['GRADING_IN_PROGRESS'] ELSE ARRAY['STAGING'] END
        END AS possible
        FROM grading.grading_events
        WHERE action IN (
            'IMPORT', 'VALIDATE', 'LOCK', 'UNLOCK', 'FORCE_UNLOCK', 'FINALIZE', 'REOPEN', 'DISCARD', 'RETRY',
            'CORRECTION'
        ) OR (action = 'MERGE' AND metadata ->> 'part' = 'emptied')
        ORDER BY copy_id, seq DESC
    ) e ON e.copy_id = c.id
    WHERE c.status <> ALL (coalesce(e.possible, ARRAY['STAGING']))";

const ANNOTATIONS: &str = "
    SELECT count(*) AS number FROM (
        SELECT copy_id, metadata ->> 'annotation_id' AS annotation,
            count(*) FILTER (WHERE action = 'CREATE_ANN') AS made,
            count(*) FILTER (WHERE action = 'UPDATE_ANN') AS changed,
            count(*) FILTER (WHERE action = 'DELETE_ANN') AS erased
        FROM grading.grading_events WHERE action IN ('CREATE_ANN', 'UPDATE_ANN', 'DELETE_ANN')
        GROUP BY copy_id, metadata ->> 'annotation_id'
    ) e
    FULL JOIN grading.annotations a ON a.copy_id = e.copy_id AND a.id::text = e.annotation
    LEFT JOIN grading.copies c ON c.id = e.copy_id AND c.erased
    WHERE c.id IS NULL AND (e.made IS DISTINCT FROM 1
        OR CASE WHEN a.id IS NULL THEN e.erased <> 1 ELSE e.erased <> 0 OR e.changed <> a.version END)";

/// The points of questions and what administrators added, the totals of graded copies, and what pupils are shown. Where a
/// copy is erased its points may be gone. As long as pupils see a result, the points of the copy stay as they are.
const SCORES: &str = "
    SELECT count(*) AS number FROM (
        SELECT 1 FROM (
            SELECT DISTINCT ON (copy_id, metadata ->> 'question_id') copy_id, metadata ->> 'question_id' AS question,
                (metadata ->> 'points')::numeric * 4 AS quarters
            FROM grading.grading_events WHERE action = 'SCORE'
            ORDER BY copy_id, metadata ->> 'question_id', seq DESC
        ) e
        FULL JOIN grading.scores s ON s.copy_id = e.copy_id AND s.question_id = e.question
        LEFT JOIN grading.copies c ON c.id = e.copy_id AND c.erased
        WHERE s.quarters IS DISTINCT FROM e.quarters AND (c.id IS NULL OR s.quarters IS NOT NULL)
        UNION ALL
        SELECT 1 FROM (
            SELECT copy_id, metadata ->> 'change_set_id' AS change_set, (metadata ->> 'delta')::numeric * 4 AS quarters
            FROM grading.grading_events WHERE action = 'CORRECTION'
        ) e
        FULL JOIN grading.adjustments a ON a.copy_id = e.copy_id AND a.change_set_id::text = e.change_set
        WHERE a.delta_quarters IS DISTINCT FROM e.quarters
        UNION ALL
        SELECT 1 FROM grading.copies c
        LEFT JOIN (
            SELECT DISTINCT ON (copy_id) copy_id,
                coalesce(metadata ->> 'final_score', metadata ->> 'score')::numeric * 4 AS score,
                coalesce(metadata ->> 'max_score', metadata ->> 'max')::numeric * 4 AS maximum
            FROM grading.grading_events
            WHERE action = 'CORRECTION' OR (action = 'FINALIZE' AND metadata ->> 'success' = 'true')
            ORDER BY copy_id, seq DESC
        ) e ON e.copy_id = c.id
        WHERE c.status = 'GRADED' AND (c.score_quarters, c.max_quarters) IS DISTINCT FROM (e.score, e.maximum)
        UNION ALL
        SELECT 1 FROM (
            SELECT * FROM (
                SELECT DISTINCT ON (copy_id) copy_id, metadata ->> 'withdrawn' AS withdrawn,
                    (metadata ->> 'number')::numeric AS number, (metadata ->> 'score')::numeric * 4 AS score,
                    (metadata ->> 'max')::numeric * 4 AS maximum
                FROM grading.grading_events WHERE action = 'RELEASE' ORDER BY copy_id, seq DESC
            ) last WHERE withdrawn = 'false'
        ) e
        FULL JOIN (
            SELECT x.copy_id, x.score_quarters, x.max_quarters, x.points, r.number FROM grading.release_results x
            JOIN grading.releases r ON r.id = x.release_id AND r.withdrawn_at IS NULL
        ) r ON r.copy_id = e.copy_id
        LEFT JOIN grading.copies c ON c.id = r.copy_id AND NOT c.erased
        WHERE (r.number, r.score_quarters, r.max_quarters) IS DISTINCT FROM (e.number, e.score, e.maximum)
            OR (c.id IS NOT NULL AND r.points IS DISTINCT FROM (
                SELECT coalesce(jsonb_object_agg(s.question_id, s.quarters), '{}')
                FROM grading.scores s WHERE s.copy_id = c.id
            ))
    ) found";

/// The operation of an attempt in vain is the job's id with other last digits.
const JOBS: &str = "
    SELECT count(*) AS number FROM grading.jobs j
    WHERE j.kind IN ('IMPORT_COPY', 'FINALIZE_COPY') AND j.state IN ('SUCCEEDED', 'FAILED') AND NOT EXISTS (
        SELECT FROM grading.grading_events e
        WHERE e.copy_id = j.copy_id
            AND e.action = CASE j.kind WHEN 'IMPORT_COPY' THEN 'IMPORT' ELSE 'FINALIZE' END
            AND e.metadata ->> 'success' = CASE j.state WHEN 'SUCCEEDED' THEN 'true' ELSE 'false' END
            AND CASE j.state
                WHEN 'SUCCEEDED' THEN e.operation_id = j.id
                ELSE left(e.operation_id::text, 32) = left(j.id::text, 32)
            END
    )";

const DOCUMENTS: &str = "
    SELECT count(*) AS number FROM (
        SELECT copy_id, operation_id, metadata ->> 'pdf_sha256' AS digest FROM grading.grading_events
        WHERE action = 'FINALIZE' AND metadata ->> 'success' = 'true'
    ) e
    FULL JOIN grading.documents d ON d.job_id = e.operation_id AND d.copy_id = e.copy_id
    WHERE e.digest IS DISTINCT FROM encode(d.digest, 'hex')";

/// Who was there before people had trails is as their trail says once it has said it.
const PEOPLE: &str = "
    SELECT count(*) AS number FROM grading.users u
    JOIN (
        SELECT copy_id,
            (array_agg(metadata ->> 'role' ORDER BY seq DESC) FILTER (WHERE action <> 'ERASE_USER'))[1] AS role,
            (array_agg(CASE action
                WHEN 'ADD_USER' THEN false
                WHEN 'ERASE_USER' THEN true
                ELSE (metadata ->> 'disabled')::boolean
            END ORDER BY seq DESC))[1] AS disabled
        FROM grading.grading_events WHERE action IN ('ADD_USER', 'CHANGE_USER', 'ERASE_USER')
        GROUP BY copy_id
    ) said ON said.copy_id = u.id
    WHERE u.role <> said.role OR u.disabled <> said.disabled";

/// The comparison of tables and trails.
pub struct Reconciliation<'a> {
    wire: Wire<'a>,
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

impl<'a> Reconciliation<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// How much does not agree, by check. It has to be the only thing that its transaction does.
    pub fn run(&mut self) -> Result<Vec<(AuditCheck, u64)>, Error> {
        // These read all there is, so they may take longer than a request.
        let begin = "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '10min'";
        self.wire.run(|connection| connection.batch_execute(begin))?;
        AuditCheck::ALL
            .iter()
            .map(|check| {
                let query = sql_query(query_of(*check));
                let row: Number = self.wire.run(|connection| query.get_result(connection))?;
                Ok((*check, EVENTS.number(row.number)?))
            })
            .collect()
    }
}
