//! Work for workers: what is stored of a job, and how the reconciler finds jobs that nobody works on.

use chrono::TimeDelta;
use diesel::dsl::sql;
use diesel::prelude::*;
use diesel::sql_types::{Bool, Interval, Nullable};
use domain::copy::Booklet;
use domain::job::{HeldLease, Job, Progress};
use domain::{CopyId, ExamId, FileSize, JobId, JobKind, JobState, RequestId, Task, Timestamp, TraceParent};
use uuid::Uuid;

use crate::clock::{earlier, now};
use crate::columns::Table;
use crate::error::Error;
use crate::outbox::Envelope;
use crate::schema::{batches, booklets, copies, jobs, outbox};
use crate::wire::Wire;

/// A job as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JobView {
    /// The job.
    pub job: Job,
    /// The exam that it is about.
    pub exam: ExamId,
    /// The request that caused it.
    pub request_id: RequestId,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it last changed.
    pub updated_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}

/// What a worker needs to do a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JobInput {
    /// The exam of the copy.
    pub exam: ExamId,
    /// The copy.
    pub copy: CopyId,
    /// The file that its pages come from.
    pub booklet: Booklet,
}

/// The table of jobs.
pub struct Jobs<'a> {
    wire: Wire<'a>,
}

const JOBS: Table = Table("jobs");

#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs)]
struct Row {
    id: Uuid,
    kind: String,
    copy_id: Option<Uuid>,
    batch_id: Option<Uuid>,
    exam_id: Option<Uuid>,
    owner_id: Uuid,
    state: String,
    attempt: i64,
    max_attempts: i64,
    fence: i64,
    worker_id: Option<Uuid>,
    lease_until: Option<Timestamp>,
    progress_done: i64,
    progress_total: i64,
    failure: Option<String>,
    next_attempt_at: Option<Timestamp>,
    revision: i64,
    request_id: String,
    created_at: Timestamp,
    updated_at: Timestamp,
    finished_at: Option<Timestamp>,
}

/// The columns of a job that change. An empty one is written as empty.
#[derive(AsChangeset)]
#[diesel(table_name = jobs, treat_none_as_null = true)]
struct Change {
    state: &'static str,
    attempt: i64,
    fence: i64,
    worker_id: Option<Uuid>,
    lease_until: Option<Timestamp>,
    progress_done: i64,
    progress_total: i64,
    failure: Option<String>,
    next_attempt_at: Option<Timestamp>,
    revision: i64,
}

impl<'a> Jobs<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// The job, locked until the transaction ends.
    pub fn for_update(&mut self, id: JobId) -> Result<Option<Job>, Error> {
        let query = jobs::table
            .find(Uuid::from(id))
            .select(Row::as_select())
            .for_no_key_update();
        let row: Option<Row> = self.wire.run(|connection| query.first(connection).optional())?;
        row.as_ref().map(job).transpose()
    }

    /// The job as it is shown.
    pub fn get(&mut self, id: JobId) -> Result<Option<JobView>, Error> {
        let query = jobs::table
            .left_join(copies::table)
            .left_join(batches::table)
            .filter(jobs::id.eq(Uuid::from(id)))
            .select((
                Row::as_select(),
                copies::exam_id.nullable(),
                batches::exam_id.nullable(),
            ));
        let found: Option<(Row, Option<Uuid>, Option<Uuid>)> =
            self.wire.run(|connection| query.first(connection).optional())?;
        found.map(view).transpose()
    }

    /// Stores a job that was read with [`for_update`](Self::for_update) and changed since.
    /// [`Error::Stale`] if the stored one is not the one before it.
    pub fn save(&mut self, job: &Job) -> Result<(), Error> {
        let one_before = jobs::revision.eq(job.revision - 1).and(jobs::fence.le(job.fence));
        // A sign of life without progress is no revision.
        let the_same = jobs::revision
            .eq(job.revision)
            .and(jobs::fence.eq(job.fence))
            .and(jobs::state.eq(job.state.as_str()));
        let before = jobs::table
            .find(Uuid::from(job.id))
            .filter(jobs::finished_at.is_null())
            .filter(one_before.or(the_same));
        let update = diesel::update(before).set(Change::of(job));
        match self.wire.run(|connection| update.execute(connection))? {
            0 => Err(Error::Stale { table: JOBS.0 }),
            _one => Ok(()),
        }
    }

    /// Whether so many scans or more wait to be imported or taken apart.
    pub fn waits_for_import(&mut self, at_least: u32) -> Result<bool, Error> {
        let kinds = [JobKind::ImportCopy, JobKind::SplitBatch].map(JobKind::as_str);
        let last = jobs::table
            .filter(jobs::state.eq(JobState::Queued.as_str()))
            .filter(jobs::kind.eq_any(kinds))
            .select(jobs::id)
            .offset(i64::from(at_least.saturating_sub(1)))
            .limit(1);
        let last: Option<Uuid> = self.wire.run(|connection| last.first(connection).optional())?;
        Ok(last.is_some())
    }

    /// The job that reads who wrote the copy, if one waits or runs.
    pub fn reading_of(&mut self, copy: CopyId) -> Result<Option<JobId>, Error> {
        let open = [JobState::Queued, JobState::Running].map(JobState::as_str);
        let query = jobs::table
            .filter(jobs::copy_id.eq(Uuid::from(copy)))
            .filter(jobs::kind.eq(JobKind::ReadIdentity.as_str()))
            .filter(jobs::state.eq_any(open))
            .select(jobs::id);
        let job: Option<Uuid> = self.wire.run(|connection| query.first(connection).optional())?;
        Ok(job.map(JobId::from))
    }

    /// What a worker needs to do the job.
    pub fn input_of(&mut self, id: JobId) -> Result<Option<JobInput>, Error> {
        let query = jobs::table
            .inner_join(copies::table.inner_join(booklets::table))
            .filter(jobs::id.eq(Uuid::from(id)))
            .select((
                copies::exam_id,
                copies::id,
                booklets::id,
                booklets::source_digest,
                booklets::source_size,
            ));
        let found: Option<(Uuid, Uuid, Uuid, Vec<u8>, i64)> =
            self.wire.run(|connection| query.first(connection).optional())?;
        let Some((exam, copy, booklet, source, size)) = found else {
            return Ok(None);
        };
        let booklet = Booklet {
            id: booklet.into(),
            source: JOBS.digest(&source)?,
            size: JOBS.some(FileSize::new(JOBS.number(size)?))?,
        };
        Ok(Some(JobInput {
            exam: exam.into(),
            copy: copy.into(),
            booklet,
        }))
    }

    /// Jobs whose worker gave no sign of life until the end of its lease, longest dead first.
    pub fn expired(&mut self, at: Timestamp, limit: u16) -> Result<Vec<JobId>, Error> {
        let query = jobs::table
            .filter(jobs::state.eq(JobState::Running.as_str()))
            .filter(jobs::lease_until.le(at))
            .order(jobs::lease_until)
            .limit(i64::from(limit))
            .select(jobs::id);
        self.ids(query)
    }

    /// Jobs that are due since `older_than` and that no message announces: none waits in the outbox, and none
    /// left it within that time. Longest waiting first.
    ///
    /// Each message of a job doubles the time that it is given, up to eight times: where jobs wait because there are
    /// many, further messages would only make more of them.
    pub fn unannounced(&mut self, older_than: TimeDelta, limit: u16) -> Result<Vec<JobId>, Error> {
        let recently = sql::<Nullable<Bool>>("grading.outbox.sent_at > now() - ")
            .bind::<Interval, _>(older_than)
            .sql(
                " * power(2, least(3, (SELECT count(*) - 1 FROM grading.outbox AS sent \
                 WHERE sent.job_id = grading.jobs.id)))",
            );
        let announced = outbox::table
            .filter(outbox::job_id.eq(jobs::id))
            .filter(outbox::sent_at.is_null().or(recently));
        let query = jobs::table
            .filter(jobs::state.eq(JobState::Queued.as_str()))
            .filter(jobs::updated_at.le(earlier(now(), older_than)))
            .filter(
                jobs::next_attempt_at
                    .is_null()
                    .or(jobs::next_attempt_at.le(earlier(now(), older_than).nullable())),
            )
            .filter(diesel::dsl::not(diesel::dsl::exists(announced)))
            .order(jobs::updated_at)
            .limit(i64::from(limit))
            .select(jobs::id);
        self.ids(query)
    }

    /// Adds a new job, with where it comes from: its message is forgotten before it is.
    pub(crate) fn insert(&mut self, job: &Job, envelope: &Envelope) -> Result<(), Error> {
        let change = Change::of(job);
        let row = diesel::insert_into(jobs::table).values((
            jobs::id.eq(Uuid::from(job.id)),
            jobs::kind.eq(job.task.kind().as_str()),
            jobs::copy_id.eq(job.task.copy().map(Uuid::from)),
            jobs::batch_id.eq(job.task.batch().map(Uuid::from)),
            jobs::exam_id.eq(job.task.exam().map(Uuid::from)),
            jobs::owner_id.eq(Uuid::from(job.owner)),
            jobs::state.eq(change.state),
            jobs::attempt.eq(change.attempt),
            jobs::max_attempts.eq(i64::from(job.max_attempts)),
            jobs::fence.eq(change.fence),
            jobs::progress_done.eq(change.progress_done),
            jobs::progress_total.eq(change.progress_total),
            jobs::next_attempt_at.eq(change.next_attempt_at),
            jobs::revision.eq(change.revision),
            jobs::request_id.eq(envelope.request_id.as_str()),
            jobs::traceparent.eq(envelope.traceparent.as_ref().map(TraceParent::as_str)),
        ));
        self.wire.run(|connection| row.execute(connection)).map(|_one| ())
    }

    fn ids<'q, Q>(&mut self, query: Q) -> Result<Vec<JobId>, Error>
    where
        Q: diesel::query_dsl::LoadQuery<'q, PgConnection, Uuid>,
    {
        let ids: Vec<Uuid> = self.wire.run(|connection| query.load(connection))?;
        Ok(ids.into_iter().map(JobId::from).collect())
    }
}

impl Change {
    fn of(job: &Job) -> Self {
        Self {
            state: job.state.as_str(),
            attempt: i64::from(job.attempt),
            fence: job.fence,
            worker_id: job.lease.map(|held| held.worker.into()),
            lease_until: job.lease.map(|held| held.until),
            progress_done: i64::from(job.progress.done),
            progress_total: i64::from(job.progress.total),
            failure: job.failure.map(|code| code.to_string()),
            next_attempt_at: job.next_attempt_at,
            revision: job.revision,
        }
    }
}

fn view((row, of_copy, of_batch): (Row, Option<Uuid>, Option<Uuid>)) -> Result<JobView, Error> {
    Ok(JobView {
        job: job(&row)?,
        exam: JOBS.some(of_copy.or(of_batch).or(row.exam_id))?.into(),
        request_id: JOBS.parse(&row.request_id)?,
        created_at: row.created_at,
        updated_at: row.updated_at,
        finished_at: row.finished_at,
    })
}

fn job(row: &Row) -> Result<Job, Error> {
    let lease = match (row.worker_id, row.lease_until) {
        (Some(worker), Some(until)) => Some(HeldLease {
            worker: worker.into(),
            until,
        }),
        (None, None) => None,
        (Some(_), None) | (None, Some(_)) => return Err(JOBS.corrupt()),
    };
    Ok(Job {
        id: row.id.into(),
        task: task(row)?,
        owner: row.owner_id.into(),
        state: JOBS.parse(&row.state)?,
        attempt: JOBS.number(row.attempt)?,
        max_attempts: JOBS.number(row.max_attempts)?,
        fence: row.fence,
        lease,
        progress: Progress {
            done: JOBS.number(row.progress_done)?,
            total: JOBS.number(row.progress_total)?,
        },
        failure: JOBS.parse_some(row.failure.as_deref())?,
        next_attempt_at: row.next_attempt_at,
        revision: row.revision,
    })
}

fn task(row: &Row) -> Result<Task, Error> {
    match (JOBS.parse(&row.kind)?, row.copy_id, row.batch_id, row.exam_id) {
        (JobKind::ImportCopy, Some(copy), None, None) => Ok(Task::Import(copy.into())),
        (JobKind::FinalizeCopy, Some(copy), None, None) => Ok(Task::Finalize(copy.into())),
        (JobKind::SplitBatch, None, Some(batch), None) => Ok(Task::Split(batch.into())),
        (JobKind::ReadIdentity, Some(copy), None, None) => Ok(Task::Read(copy.into())),
        (JobKind::MakeArchive, None, None, Some(exam)) => Ok(Task::Archive(exam.into())),
        _ => Err(JOBS.corrupt()),
    }
}
