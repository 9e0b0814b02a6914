//! What stands still, and why: counted in one statement, each part by an index of its own.

use chrono::TimeDelta;
use diesel::dsl::sql;
use diesel::expression::SqlLiteral;
use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::{BigInt, Bool, Interval, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use domain::{BatchId, ExamId, FailureCode, JobId, Timestamp};
use uuid::Uuid;

use crate::columns::Table;
use crate::diagnosis::Diagnosis;
use crate::error::Error;

/// How much stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, QueryableByName)]
pub struct Stuck {
    /// Copies whose pages could not be made.
    #[diesel(sql_type = BigInt)]
    pub imports: i64,
    /// Copies whose corrected document could not be made.
    #[diesel(sql_type = BigInt)]
    pub finalizes: i64,
    /// Scans of many copies that could not be taken apart, that did not come again, and that nobody has put aside.
    #[diesel(sql_type = BigInt)]
    pub splits: i64,
    /// Archives that could not be made within the last week, and that nobody has ordered again.
    #[diesel(sql_type = BigInt)]
    pub archives: i64,
    /// Jobs whose worker gave no sign of life until a minute after the end of its lease.
    #[diesel(sql_type = BigInt)]
    pub silent: i64,
    /// Copies that wait for a job that does not exist.
    #[diesel(sql_type = BigInt)]
    pub forgotten: i64,
    /// Jobs that were ordered too long ago and have not ended.
    #[diesel(sql_type = BigInt)]
    pub waiting: i64,
}

/// A scan of many copies that could not be taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenBatch {
    /// The batch.
    pub id: BatchId,
    /// Of which exam.
    pub exam: ExamId,
    /// Why.
    pub failure: Option<FailureCode>,
    /// The job that was to take it apart.
    pub job: JobId,
    /// When it came.
    pub created_at: Timestamp,
}

const BATCHES: Table = Table("batches");

/// Of `grading.copies`: what failed.
const FAILED: &str = "(NOT grading.copies.discarded
    AND (grading.copies.failure IS NOT NULL OR grading.copies.status = 'GRADING_FAILED'))";

/// Of `grading.copies`: what waits for a worker, and no worker will hear of it.
const FORGOTTEN: &str = "(NOT grading.copies.discarded AND grading.copies.failure IS NULL
    AND (grading.copies.status = 'GRADING_IN_PROGRESS'
        OR (grading.copies.status = 'STAGING' AND grading.copies.page_count IS NULL))
    AND NOT EXISTS (
        SELECT FROM grading.jobs AS open
        WHERE open.copy_id = grading.copies.id AND open.state IN ('QUEUED', 'RUNNING')
            AND open.kind = CASE grading.copies.status WHEN 'STAGING' THEN 'IMPORT_COPY' ELSE 'FINALIZE_COPY' END
    ))";

/// Of `grading.batches`: what could not be taken apart, and nobody did anything about it.
const UNSPLIT: &str =
    "(grading.batches.status = 'FAILED' AND NOT grading.batches.discarded AND NOT grading.batches.erased
    AND NOT EXISTS (
        SELECT FROM grading.batches AS again
        WHERE again.exam_id = grading.batches.exam_id AND again.source_digest = grading.batches.source_digest
            AND again.created_at > grading.batches.created_at
    ))";

/// Of `grading.jobs`: an archive that somebody still waits for.
const UNARCHIVED: &str = "(grading.jobs.state = 'FAILED' AND grading.jobs.kind = 'MAKE_ARCHIVE'
    AND grading.jobs.created_at > now() - interval '7 days'
    AND EXISTS (SELECT FROM grading.archives WHERE job_id = grading.jobs.id AND digest IS NULL))";

/// Of `grading.jobs`: its worker is gone, and grading has not noticed.
const SILENT: &str =
    "(grading.jobs.state = 'RUNNING' AND grading.jobs.lease_until <= now() - interval '1 minute')";

/// Of `grading.jobs`: work that somebody waits for, ordered before a time that comes after this. Who reads names is waited for
/// by nobody.
const OLD: &str = "grading.jobs.state IN ('QUEUED', 'RUNNING') AND grading.jobs.kind <> 'READ_IDENTITY'
    AND grading.jobs.created_at <= now() - ";

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    exam: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    failure: Option<String>,
    #[diesel(sql_type = SqlUuid)]
    job: Uuid,
    #[diesel(sql_type = Timestamptz)]
    created_at: Timestamp,
}

impl Diagnosis<'_> {
    /// How much stands still; a job does that has not ended for so long.
    pub fn count_stuck(&mut self, waiting: TimeDelta) -> Result<Stuck, Error> {
        let statement = format!(
            "WITH failed AS (SELECT grading.copies.status FROM grading.copies WHERE {FAILED})
            SELECT (SELECT count(*) FROM failed WHERE status = 'STAGING') AS imports,
                (SELECT count(*) FROM failed WHERE status <> 'STAGING') AS finalizes,
                (SELECT count(*) FROM grading.batches WHERE {UNSPLIT}) AS splits,
                (SELECT count(*) FROM grading.jobs WHERE {UNARCHIVED}) AS archives,
                (SELECT count(*) FROM grading.jobs WHERE {SILENT}) AS silent,
                (SELECT count(*) FROM grading.copies WHERE {FORGOTTEN}) AS forgotten,
                (SELECT count(*) FROM grading.jobs WHERE {OLD} $1) AS waiting"
        );
        let query = sql_query(statement).bind::<Interval, _>(waiting);
        self.wire().run(|connection| query.get_result(connection))
    }

    /// Scans that could not be taken apart and that nobody did anything about, the oldest first.
    pub fn unsplit(&mut self, limit: u16) -> Result<Vec<SeenBatch>, Error> {
        let statement = format!(
            "SELECT grading.batches.id, grading.batches.exam_id AS exam, grading.batches.failure, grading.jobs.id AS job,
                grading.batches.created_at
            FROM grading.batches JOIN grading.jobs ON grading.jobs.batch_id = grading.batches.id
            WHERE {UNSPLIT} ORDER BY grading.batches.id LIMIT $1"
        );
        let query = sql_query(statement).bind::<BigInt, _>(i64::from(limit));
        let rows: Vec<Row> = self.wire().run(|connection| query.load(connection))?;
        rows.iter().map(batch).collect()
    }
}

/// The copies of which one is to be told.
pub(crate) fn copies() -> SqlLiteral<Bool> {
    sql(&format!("({FAILED} OR {FORGOTTEN})"))
}

/// The jobs of which one is to be told.
pub(crate) fn jobs(
    waiting: TimeDelta,
) -> Box<dyn BoxableExpression<crate::schema::jobs::table, diesel::pg::Pg, SqlType = Bool>> {
    let beginning = format!("({SILENT} OR {UNARCHIVED} OR ({OLD}");
    Box::new(sql::<Bool>(&beginning).bind::<Interval, _>(waiting).sql("))"))
}

fn batch(row: &Row) -> Result<SeenBatch, Error> {
    Ok(SeenBatch {
        id: row.id.into(),
        exam: row.exam.into(),
        failure: BATCHES.parse_some(row.failure.as_deref())?,
        job: row.job.into(),
        created_at: row.created_at,
    })
}
