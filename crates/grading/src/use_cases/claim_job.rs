//! A worker claims a job.

use contracts::{Code, grading as pb};
use domain::job::{Claim, Claimed};
use domain::{Job, JobKind};
use store::Tx;
use telemetry::events::{ClaimOutcome, JobClaimRefused, JobClaimed};

use crate::app::App;
use crate::error::Error;
use crate::finalize_input;
use crate::report::Report;
use crate::use_cases::fail_job;

/// The job with its input under a lease, or the reason why not.
pub(crate) async fn run(app: &App, request: pb::ClaimRequest) -> Result<pb::ClaimReply, Error> {
    let Report { job, worker, .. } = Report::parse(&request.job_id, &request.worker_id, 0)?;
    let (lease, ids, service) = (app.lease, app.ids.clone(), app.worker);
    let claimed = app
        .database
        .transaction("claim_job", move |tx| {
            let Some(found) = tx.jobs().for_update(job)? else {
                return Ok::<_, Error>(Err((ClaimOutcome::Unknown, None)));
            };
            let (now, fence) = (tx.now()?, found.fence);
            match found.claim(Claim { worker, now, lease }) {
                Claimed::Granted(found) => {
                    tx.jobs().save(&found)?;
                    let input = input(tx, &found)?;
                    Ok(Ok((found, input)))
                }
                Claimed::Finished(_) => Ok(Err((ClaimOutcome::Finished, None))),
                Claimed::Leased(_) => Ok(Err((ClaimOutcome::Leased, None))),
                Claimed::NotDue(_) => Ok(Err((ClaimOutcome::NotDue, None))),
                Claimed::Lapsed(failed) => {
                    let report = Report {
                        job,
                        worker: service,
                        fence,
                    };
                    let ended = fail_job::settle(tx, failed, report, &ids)?;
                    Ok(Err((ClaimOutcome::NotDue, Some(ended))))
                }
            }
        })
        .await?;
    telemetry::metrics::job_claimed(
        claimed
            .as_ref()
            .map_or_else(|(refused, _)| *refused, |_| ClaimOutcome::Granted),
    );
    let answer = match claimed {
        Ok((found, input)) => {
            let (copy_id, attempt, fence) = (found.copy, found.attempt, found.fence);
            telemetry::log(JobClaimed {
                job_id: job,
                copy_id,
                attempt,
                fence,
            });
            let lease_milliseconds = u64::try_from(lease.0.num_milliseconds()).unwrap_or_default();
            let attempt = attempt.into();
            pb::claim_reply::Answer::Granted(pb::Granted {
                fence,
                attempt,
                lease_milliseconds,
                input: Some(input),
            })
        }
        Err((reason, ended)) => {
            if let Some(ended) = ended {
                ended.publish();
            }
            telemetry::log(JobClaimRefused { job_id: job, reason });
            pb::claim_reply::Answer::NotGranted(pb::NotGranted {
                reason: on_the_wire(reason).into(),
            })
        }
    };
    Ok(pb::ClaimReply { answer: Some(answer) })
}

fn input(tx: &mut Tx<'_>, job: &Job) -> Result<pb::granted::Input, Error> {
    match job.kind {
        JobKind::ImportCopy => {
            let input = tx.jobs().input_of(job.id)?.ok_or(Code::NotFound)?;
            let exam = tx.exams().get(input.exam)?.ok_or(Code::NotFound)?;
            Ok(pb::granted::Input::Import(pb::ImportInput {
                copy_id: input.copy.to_string(),
                source_digest: input.booklet.source.to_string(),
                source_bytes: input.booklet.size.bytes(),
                identity_zone: exam.identity_zone.map(Into::into),
            }))
        }
        JobKind::FinalizeCopy => finalize_input::read(tx, job).map(pb::granted::Input::Finalize),
    }
}

fn on_the_wire(outcome: ClaimOutcome) -> pb::not_granted::Reason {
    match outcome {
        ClaimOutcome::Finished => pb::not_granted::Reason::Finished,
        ClaimOutcome::Leased => pb::not_granted::Reason::Leased,
        ClaimOutcome::NotDue => pb::not_granted::Reason::NotDue,
        ClaimOutcome::Granted | ClaimOutcome::Unknown => pb::not_granted::Reason::Unknown,
    }
}
