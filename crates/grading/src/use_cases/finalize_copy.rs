//! A corrector is done with a copy.

use contracts::grading as pb;
use domain::{Ids, JobId, Operation};
use store::{Entry, Tx};
use telemetry::events::FinalizeStarted;

use crate::announcement;
use crate::app::App;
use crate::command::{Command, presented};
use crate::error::Error;
use crate::idempotent::Keyed;
use crate::recorded;
use crate::session::Session;

/// The score is frozen, the lock ends, and the job that makes the corrected document is on its way; or the answer
/// that the same request got before.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::FinalizeCopyRequest,
) -> Result<pb::StartedJob, Error> {
    let command = Command::parse(session, Operation::CorrectCopy, &request.id, app.ids.next())?;
    let (copy_id, ids) = (command.copy, app.ids.clone());
    let (job, event) = app
        .database
        .transaction("finalize_copy", move |tx| finalize(tx, &command, &request, &ids))
        .await?;
    if let Some((event, job_id)) = event {
        recorded::publish(event);
        telemetry::log(FinalizeStarted { copy_id, job_id });
    }
    Ok(job)
}

fn finalize(
    tx: &mut Tx<'_>,
    command: &Command,
    request: &pb::FinalizeCopyRequest,
    ids: &Ids,
) -> Result<(pb::StartedJob, Option<(Entry, JobId)>), Error> {
    let caller = command.admit(tx)?;
    let copy_id = command.copy.to_string();
    let keyed = Keyed::new(
        caller.user,
        "finalize_copy",
        &request.idempotency_key,
        &[copy_id.as_bytes()],
    )?;
    if let Some(answer) = keyed.answered(tx)? {
        return Ok((answer, None));
    }
    let (exam, copy, asked) = command.lock_in_exam(tx, caller)?;
    let tally = copy.tally(&tx.marks().of(copy.id)?, exam.scheme.as_ref());
    let token = presented(&request.lock_token);
    let started = copy.finalize(token, tally, asked, ids)?;
    let event = tx.start(&started, &announcement::of(started.job(), ids))?;
    let answer = pb::StartedJob {
        job_id: started.job().id.to_string(),
    };
    keyed.remember(tx, &answer)?;
    Ok((answer, Some((event, started.job().id))))
}
