//! What operators look at: nothing personal, and nothing that opens a door. Every column that is read here the role
//! `korrigo_read` may see.

use chrono::TimeDelta;
use diesel::dsl::{min, sql};
use diesel::prelude::*;
use diesel::sql_types::{Nullable, Text};
use domain::{
    BatchId, CopyId, ExamId, FailureCode, JobId, JobKind, JobState, RequestId, Status, Timestamp,
    TraceParent, UserId, WorkerId,
};
use uuid::Uuid;

use crate::clock::clock_timestamp;
use crate::columns::Table;
use crate::error::Error;
use crate::schema::{copies, exams, grading_events, jobs, locks, outbox};
use crate::stuck;
use crate::wire::Wire;

/// A job, and the last message that announced it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenJob {
    /// The job.
    pub id: JobId,
    /// What is to be done.
    pub kind: JobKind,
    /// The copy that it is about.
    pub copy: Option<CopyId>,
    /// The batch that it is about.
    pub batch: Option<BatchId>,
    /// How far it is.
    pub state: JobState,
    /// Which attempt is the last that began.
    pub attempt: i64,
    /// How many there may be.
    pub max_attempts: i64,
    /// Why the last attempt failed.
    pub failure: Option<FailureCode>,
    /// Who works on it.
    pub worker: Option<WorkerId>,
    /// Until when that worker is believed to be alive.
    pub lease_until: Option<Timestamp>,
    /// Not to be begun before.
    pub next_attempt_at: Option<Timestamp>,
    /// How much is done, of how much.
    pub progress: (i64, i64),
    /// The request that caused it.
    pub request_id: RequestId,
    /// When it was registered.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// The span that caused it, unless an older version registered it.
    pub traceparent: Option<TraceParent>,
    /// The last message that announced it, unless it was sent so long ago that it is forgotten.
    pub message: Option<SeenMessage>,
}

/// A message of the outbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenMessage {
    /// When the broker confirmed it.
    pub sent_at: Option<Timestamp>,
    /// Not to be sent before.
    pub available_at: Timestamp,
    /// How often it was tried to be sent.
    pub attempts: i64,
    /// Why it was not sent the last time.
    pub fault: Option<String>,
    /// The span that caused it: with a later attempt this is another one than that of the job.
    pub traceparent: Option<TraceParent>,
}

/// A lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SeenLock {
    /// Of which copy.
    pub copy: CopyId,
    /// Whose.
    pub owner: UserId,
    /// The number that only grows.
    pub fence: i64,
    /// Since when.
    pub acquired_at: Timestamp,
    /// Until when, without a sign of life.
    pub expires_at: Timestamp,
}

/// A copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenCopy {
    /// The copy.
    pub id: CopyId,
    /// Of which exam.
    pub exam: ExamId,
    /// Its status.
    pub status: Status,
    /// How many pages it has, once it was imported.
    pub pages: Option<i64>,
    /// Why it could not be imported or finalized.
    pub failure: Option<FailureCode>,
    /// Whether it was put aside.
    pub discarded: bool,
    /// When its last event was recorded.
    pub since: Timestamp,
}

/// An event, with what became of it; the rest of what it says may be about somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenEvent {
    /// Of which copy.
    pub copy: CopyId,
    /// Its place in the trail.
    pub seq: i64,
    /// What happened.
    pub action: String,
    /// Who did it: user, service or operator.
    pub actor: String,
    /// Their id.
    pub actor_id: Uuid,
    /// Whether it worked, where it could have failed.
    pub success: Option<bool>,
    /// Why it was done, where somebody had to say so.
    pub reason: Option<String>,
    /// Why it failed.
    pub error_code: Option<String>,
    /// When.
    pub at: Timestamp,
}

/// Which jobs are looked for.
#[derive(Debug, Clone)]
pub enum JobsOf {
    /// Those in this state; all of them without one.
    State(Option<JobState>),
    /// Those that a person has to look at: whose worker is silent, that were ordered so long ago, and archives that failed.
    Stuck(TimeDelta),
    /// Those of a copy.
    Copy(CopyId),
    /// Those that a request caused.
    Request(RequestId),
    /// One of them.
    Job(JobId),
}

/// The tables as operators see them.
pub struct Diagnosis<'a> {
    wire: Wire<'a>,
}

const JOBS: Table = Table("jobs");
const COPIES: Table = Table("copies");
const OUTBOX: Table = Table("outbox");

#[derive(Queryable, Selectable)]
#[diesel(table_name = jobs)]
struct JobRow {
    id: Uuid,
    kind: String,
    copy_id: Option<Uuid>,
    batch_id: Option<Uuid>,
    state: String,
    attempt: i64,
    max_attempts: i64,
    failure: Option<String>,
    worker_id: Option<Uuid>,
    lease_until: Option<Timestamp>,
    next_attempt_at: Option<Timestamp>,
    progress_done: i64,
    progress_total: i64,
    request_id: String,
    created_at: Timestamp,
    finished_at: Option<Timestamp>,
    traceparent: Option<String>,
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = outbox)]
struct MessageRow {
    job_id: Uuid,
    sent_at: Option<Timestamp>,
    available_at: Timestamp,
    attempts: i64,
    last_error: Option<String>,
    traceparent: Option<String>,
}

impl<'a> Diagnosis<'a> {
    pub(crate) fn new(wire: Wire<'a>) -> Self {
        Self { wire }
    }

    /// Jobs, the youngest first.
    pub fn jobs(&mut self, of: &JobsOf, limit: u16) -> Result<Vec<SeenJob>, Error> {
        let mut query = jobs::table
            .select(JobRow::as_select())
            .order((jobs::created_at.desc(), jobs::id.desc()))
            .limit(i64::from(limit))
            .into_boxed();
        query = match of {
            JobsOf::State(None) => query,
            JobsOf::State(Some(state)) => query.filter(jobs::state.eq(state.as_str())),
            JobsOf::Stuck(waiting) => query.filter(stuck::jobs(*waiting)),
            JobsOf::Copy(copy) => query.filter(jobs::copy_id.eq(Uuid::from(*copy))),
            JobsOf::Request(request) => query.filter(jobs::request_id.eq(request.as_str())),
            JobsOf::Job(job) => query.filter(jobs::id.eq(Uuid::from(*job))),
        };
        let rows = self.wire.run(|connection| query.load(connection))?;
        let mut messages = self.messages(&rows)?;
        rows.iter()
            .map(|row| {
                let last = messages.iter().position(|message| message.job_id == row.id);
                job(row, last.map(|index| messages.swap_remove(index)))
            })
            .collect()
    }

    /// The last message of each of these jobs.
    fn messages(&mut self, jobs: &[JobRow]) -> Result<Vec<MessageRow>, Error> {
        let ids: Vec<Uuid> = jobs.iter().map(|job| job.id).collect();
        let query = outbox::table
            .filter(outbox::job_id.eq_any(ids))
            .distinct_on(outbox::job_id)
            .order((outbox::job_id, outbox::created_at.desc()))
            .select(MessageRow::as_select());
        self.wire.run(|connection| query.load(connection))
    }

    /// Locks, the oldest first; only those that have ended by themselves if `overdue`.
    pub fn locks(&mut self, overdue: bool, limit: u16) -> Result<Vec<SeenLock>, Error> {
        let mut query = locks::table
            .select(LOCK)
            .order((locks::acquired_at, locks::copy_id))
            .limit(i64::from(limit))
            .into_boxed();
        if overdue {
            query = query.filter(locks::expires_at.le(clock_timestamp()));
        }
        let rows: Vec<LockRow> = self.wire.run(|connection| query.load(connection))?;
        Ok(rows.into_iter().map(lock).collect())
    }

    /// The lock of a copy.
    pub fn lock_of(&mut self, copy: CopyId) -> Result<Option<SeenLock>, Error> {
        let query = locks::table.find(Uuid::from(copy)).select(LOCK);
        let row = self.wire.run(|connection| query.first(connection).optional())?;
        Ok(row.map(lock))
    }

    /// A copy, also one that was put aside.
    pub fn copy(&mut self, id: CopyId) -> Result<Option<SeenCopy>, Error> {
        let mut found = self.copies(|query| query.filter(copies::id.eq(Uuid::from(id))), 1)?;
        Ok(found.pop())
    }

    /// Copies that a person has to look at, the oldest first: what could not be imported or finalized, and what waits for a
    /// job that does not exist.
    pub fn stuck(&mut self, limit: u16) -> Result<Vec<SeenCopy>, Error> {
        self.copies(|query| query.filter(stuck::copies().nullable()), limit)
    }

    /// When the oldest exam was made: since then there is something that backups are taken of.
    pub fn oldest_exam(&mut self) -> Result<Option<Timestamp>, Error> {
        let query = exams::table.select(min(exams::created_at));
        self.wire.run(|connection| query.first(connection))
    }

    pub(crate) fn wire(&mut self) -> Wire<'_> {
        self.wire.reborrow()
    }

    fn copies(
        &mut self,
        chosen: impl FnOnce(
            copies::BoxedQuery<'static, diesel::pg::Pg>,
        ) -> copies::BoxedQuery<'static, diesel::pg::Pg>,
        limit: u16,
    ) -> Result<Vec<SeenCopy>, Error> {
        let query = chosen(copies::table.into_boxed())
            .order((copies::updated_at, copies::id))
            .limit(i64::from(limit))
            .select((
                copies::id,
                copies::exam_id,
                copies::status,
                copies::page_count,
                copies::failure,
                copies::discarded,
                copies::updated_at,
            ));
        let rows: Vec<CopyRow> = self.wire.run(|connection| query.load(connection))?;
        rows.into_iter().map(copy).collect()
    }

    /// The last events of a copy, the youngest first.
    pub fn events(&mut self, copy: CopyId, limit: u16) -> Result<Vec<SeenEvent>, Error> {
        let said = |key| sql::<Nullable<Text>>(&format!("grading.grading_events.metadata ->> '{key}'"));
        let query = grading_events::table
            .filter(grading_events::copy_id.eq(Uuid::from(copy)))
            .order(grading_events::seq.desc())
            .limit(i64::from(limit))
            .select((
                grading_events::seq,
                grading_events::action,
                grading_events::actor_kind,
                grading_events::actor_id,
                grading_events::at,
                said("success"),
                said("reason"),
                said("error_code"),
            ));
        let rows: Vec<EventRow> = self.wire.run(|connection| query.load(connection))?;
        Ok(rows.into_iter().map(|row| event(copy, row)).collect())
    }
}

type EventRow = (
    i64,
    String,
    String,
    Uuid,
    Timestamp,
    Option<String>,
    Option<String>,
    Option<String>,
);

fn event(copy: CopyId, (seq, action, actor, actor_id, at, success, reason, code): EventRow) -> SeenEvent {
    SeenEvent {
        copy,
        seq,
        action,
        actor,
        actor_id,
        at,
        success: success.map(|said| said == "true"),
        reason: reason.filter(|text| is_code(text)),
        error_code: code.filter(|text| is_code(text)),
    }
}

/// Whether this has the form of a code, as the rule of events demands of these words too: letters and `_`, and few.
fn is_code(text: &str) -> bool {
    text.len() <= 40 && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

type CopyRow = (Uuid, Uuid, String, Option<i64>, Option<String>, bool, Timestamp);
type LockRow = (Uuid, Uuid, i64, Timestamp, Timestamp);

const LOCK: (
    locks::copy_id,
    locks::owner_id,
    locks::fence,
    locks::acquired_at,
    locks::expires_at,
) = (
    locks::copy_id,
    locks::owner_id,
    locks::fence,
    locks::acquired_at,
    locks::expires_at,
);

fn lock((copy, owner, fence, acquired_at, expires_at): LockRow) -> SeenLock {
    SeenLock {
        copy: copy.into(),
        owner: owner.into(),
        fence,
        acquired_at,
        expires_at,
    }
}

fn copy((id, exam, status, pages, failure, discarded, since): CopyRow) -> Result<SeenCopy, Error> {
    Ok(SeenCopy {
        id: id.into(),
        exam: exam.into(),
        status: COPIES.parse(&status)?,
        pages,
        failure: COPIES.parse_some(failure.as_deref())?,
        discarded,
        since,
    })
}

fn job(row: &JobRow, message: Option<MessageRow>) -> Result<SeenJob, Error> {
    Ok(SeenJob {
        id: row.id.into(),
        kind: JOBS.parse(&row.kind)?,
        copy: row.copy_id.map(CopyId::from),
        batch: row.batch_id.map(BatchId::from),
        state: JOBS.parse(&row.state)?,
        attempt: row.attempt,
        max_attempts: row.max_attempts,
        failure: JOBS.parse_some(row.failure.as_deref())?,
        worker: row.worker_id.map(WorkerId::from),
        lease_until: row.lease_until,
        next_attempt_at: row.next_attempt_at,
        progress: (row.progress_done, row.progress_total),
        request_id: JOBS.parse(&row.request_id)?,
        created_at: row.created_at,
        finished_at: row.finished_at,
        traceparent: JOBS.parse_some(row.traceparent.as_deref())?,
        message: message.map(seen).transpose()?,
    })
}

fn seen(row: MessageRow) -> Result<SeenMessage, Error> {
    Ok(SeenMessage {
        sent_at: row.sent_at,
        available_at: row.available_at,
        attempts: row.attempts,
        fault: row.last_error,
        traceparent: OUTBOX.parse_some(row.traceparent.as_deref())?,
    })
}
