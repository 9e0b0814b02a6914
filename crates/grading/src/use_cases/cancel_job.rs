//! Somebody calls off a job.

use contracts::{Code, grading as pb};
use domain::audit::Deed;
use domain::copy::Attempted;
use domain::{JobId, OperationId};
use store::{Entry, JobView, Tx};
use telemetry::events::JobCancelled;
use telemetry::metrics::{self, JobEnd};

use crate::app::App;
use crate::error::Error;
use crate::recorded;
use crate::session::Session;
use crate::use_cases::{fail_job, get_job};
use crate::view;

/// Whoever asked for the job may call it off, and every administrator. What it was for counts as failed, so that it can
/// be tried again or put aside. Where no copy says so, the trail of whoever called it off does.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::CancelJobRequest,
) -> Result<pb::Job, Error> {
    let id: JobId = request.id.parse().map_err(|_not_an_id| Code::NotFound)?;
    let operation = app.ids.next();
    let (found, event) = app
        .database
        .transaction("cancel_job", move |tx| cancel(tx, &session, id, operation))
        .await?;
    recorded::publish(event);
    metrics::job_ended(found.job.task.kind(), JobEnd::Cancelled);
    telemetry::log(JobCancelled {
        job_id: id,
        attempt: found.job.attempt,
    });
    Ok(view::job(&found))
}

fn cancel(
    tx: &mut Tx<'_>,
    session: &Session,
    id: JobId,
    operation: OperationId,
) -> Result<(JobView, Entry), Error> {
    let caller = session.caller(tx)?;
    let found = get_job::visible(tx, caller, id)?;
    let job = tx.jobs().for_update(id)?.ok_or(Code::NotFound)?;
    let job = job.cancel().map_err(|_closed| Code::WrongState)?;
    tx.jobs().save(&job)?;
    let attempted = Attempted {
        by: caller.actor(),
        operation,
        attempt: job.attempt,
    };
    let event = match fail_job::in_vain(tx, &job, false, attempted)? {
        Some(event) => event,
        None => tx.operate(Deed::CancelJob(id), caller, operation)?,
    };
    Ok((JobView { job, ..found }, event))
}
