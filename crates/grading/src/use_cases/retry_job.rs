//! An administrator has what a job was for tried again, or at once.

use contracts::{Code, grading as pb};
use domain::audit::Deed;
use domain::copy::{Asked, Started};
use domain::{Caller, Copy, CopyId, Ids, Job, JobId, JobState, Operation, OperationId, Task};
use store::{Entry, Tx};
use telemetry::events::JobRetried;

use crate::announcement;
use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;
use crate::use_cases::order_reading;

/// A job that waits is announced again and waits no longer. What a job was for that failed or was called off gets another
/// one, as if the copy were asked; a scan that could not be taken apart is uploaded again instead,
/// and an archive is ordered again.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::RetryJobRequest,
) -> Result<pb::RetryJobReply, Error> {
    let id: JobId = request.id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let (ids, operation) = (app.ids.clone(), app.ids.next());
    let (by_job, event) = app
        .database
        .transaction("retry_job", move |tx| retry(tx, &session, id, (operation, &ids)))
        .await?;
    recorded::publish(event);
    telemetry::log(JobRetried { job_id: id, by_job });
    Ok(pb::RetryJobReply {
        job_id: by_job.to_string(),
    })
}

fn retry(
    tx: &mut Tx<'_>,
    session: &Session,
    id: JobId,
    (operation, ids): (OperationId, &Ids),
) -> Result<(JobId, Option<Entry>), Error> {
    let caller = session.caller(tx)?;
    let exam = tx.jobs().get(id)?.ok_or(Code::NotFound)?.exam;
    authorization::on_exam(tx, caller, Operation::RetryJob, exam)?;
    let job = tx.jobs().for_update(id)?.ok_or(Code::NotFound)?;
    let asked = |tx: &mut Tx<'_>| {
        Ok::<_, Error>(Asked {
            by: caller.user,
            through: caller.through,
            operation,
            now: tx.now()?,
        })
    };
    match (job.state, job.task) {
        (JobState::Queued, _) => {
            let asked = asked(tx)?;
            hasten(tx, job, (caller, asked), ids)
        }
        (JobState::Failed | JobState::Cancelled, Task::Import(copy)) => {
            let (copy, asked) = (locked(tx, copy)?, asked(tx)?);
            start(tx, &copy.retry_import(asked, ids)?, ids)
        }
        (JobState::Failed | JobState::Cancelled, Task::Finalize(copy)) => {
            let (copy, asked) = (locked(tx, copy)?, asked(tx)?);
            start(tx, &copy.retry_finalize(asked, ids)?, ids)
        }
        (JobState::Failed | JobState::Cancelled, Task::Read(copy)) => {
            let (by_job, is_new) = order_reading::order(tx, caller.user, copy, ids)?;
            let event = is_new.then(|| tx.operate(Deed::RetryJob(id), caller, operation));
            Ok((by_job, event.transpose()?))
        }
        (JobState::Failed | JobState::Cancelled, Task::Split(_) | Task::Archive(_))
        | (JobState::Running | JobState::Succeeded, _) => Err(Code::WrongState.into()),
    }
}

/// What waits is tried at once. Where no copy depends on the job, the trail of whoever asked says so.
fn hasten(
    tx: &mut Tx<'_>,
    job: Job,
    (caller, asked): (Caller, Asked),
    ids: &Ids,
) -> Result<(JobId, Option<Entry>), Error> {
    let job = job.hasten().map_err(|_closed| Code::WrongState)?;
    let event = match job.task {
        Task::Import(copy) | Task::Finalize(copy) => {
            let hastened = locked(tx, copy)?.hasten(&job, asked)?;
            tx.record(&hastened)?
        }
        Task::Split(_) | Task::Read(_) | Task::Archive(_) => {
            tx.operate(Deed::RetryJob(job.id), caller, asked.operation)?
        }
    };
    tx.jobs().save(&job)?;
    tx.outbox().enqueue(&announcement::of(&job, ids))?;
    Ok((job.id, Some(event)))
}

fn start(tx: &mut Tx<'_>, started: &Started, ids: &Ids) -> Result<(JobId, Option<Entry>), Error> {
    let event = tx.start(started, &announcement::of(started.job(), ids))?;
    Ok((started.job().id, Some(event)))
}

fn locked(tx: &mut Tx<'_>, id: CopyId) -> Result<Copy, Error> {
    Ok(tx.copies().for_update(id)?.ok_or(Code::NotFound)?)
}
