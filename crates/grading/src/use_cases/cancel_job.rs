//! Somebody calls off a job.

use contracts::{Code, grading as pb};
use domain::copy::Attempted;
use domain::{Job, JobId, OperationId};
use store::{Entry, Tx};
use telemetry::events::JobCancelled;
use telemetry::metrics::{self, JobEnd};

use crate::app::App;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;
use crate::use_cases::{fail_job, get_job};

/// Whoever asked for the job may call it off, and every administrator. What it was for counts as failed, so that it can
/// be tried again or put aside.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::CancelJobRequest,
) -> Result<pb::Job, Error> {
    let id: JobId = request.id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let operation = app.ids.next();
    let (job, event) = app
        .database
        .transaction("cancel_job", move |tx| cancel(tx, &session, id, operation))
        .await?;
    recorded::publish(event);
    metrics::job_ended(job.task.kind(), JobEnd::Cancelled);
    telemetry::log(JobCancelled {
        job_id: id,
        attempt: job.attempt,
    });
    Ok(pb::Job::from(&job))
}

fn cancel(
    tx: &mut Tx<'_>,
    session: &Session,
    id: JobId,
    operation: OperationId,
) -> Result<(Job, Option<Entry>), Error> {
    let caller = session.caller(tx)?;
    get_job::visible(tx, caller, id)?;
    let job = tx.jobs().for_update(id)?.ok_or(Code::NotFound)?;
    let job = job.cancel().map_err(|_closed| Code::WrongState)?;
    tx.jobs().save(&job)?;
    let attempted = Attempted {
        by: caller.through.actor(caller.user),
        operation,
        attempt: job.attempt,
    };
    let event = fail_job::in_vain(tx, &job, false, attempted)?;
    Ok((job, event))
}
