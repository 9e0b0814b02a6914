//! A worker claims a job.

use contracts::{Code, grading as pb};
use domain::archive::{self, Member};
use domain::job::{Claim, Claimed, Lease};
use domain::{Job, JobId, JobKind, Task};
use store::Tx;
use telemetry::events::{ClaimOutcome, JobClaimRefused, JobClaimed};
use telemetry::metrics::JobEnd;

use crate::app::App;
use crate::error::Error;
use crate::finalize_input;
use crate::report::Report;
use crate::use_cases::fail_job::{self, Ended};
use crate::use_cases::order_reading;

/// The job with its input under a lease, or the reason why not.
pub(crate) async fn run(app: &App, request: pb::ClaimRequest) -> Result<pb::ClaimReply, Error> {
    let Report { job, worker, .. } = Report::parse(&request.job_id, &request.worker_id, 0)?;
    let (lease, ids, service) = (app.lease, app.ids.clone(), app.worker);
    let outcome = app
        .database
        .transaction("claim_job", move |tx| {
            let Some(found) = tx.jobs().for_update(job)? else {
                return Ok::<_, Error>(Outcome::Refused(ClaimOutcome::Unknown));
            };
            let found = match unless_needless(tx, found)? {
                Ok(found) => found,
                Err(needless) => return Ok(Outcome::CalledOff(needless.task.kind())),
            };
            let (now, fence) = (tx.now()?, found.fence);
            Ok(match found.claim(Claim { worker, now, lease }) {
                Claimed::Granted(found) => {
                    tx.jobs().save(&found)?;
                    let input = input(tx, &found)?;
                    Outcome::Granted(found, Box::new(input))
                }
                Claimed::Finished(_) => Outcome::Refused(ClaimOutcome::Finished),
                Claimed::Leased(_) => Outcome::Refused(ClaimOutcome::Leased),
                Claimed::NotDue(_) => Outcome::Refused(ClaimOutcome::NotDue),
                Claimed::Lapsed(failed) => {
                    let report = Report {
                        job,
                        worker: service,
                        fence,
                    };
                    Outcome::Lapsed(fail_job::settle(tx, failed, report, &ids)?)
                }
            })
        })
        .await?;
    let answer = match outcome {
        Outcome::Granted(found, input) => pb::claim_reply::Answer::Granted(granted(&found, *input, lease)),
        Outcome::Refused(reason) => pb::claim_reply::Answer::NotGranted(refused(job, reason)),
        Outcome::CalledOff(kind) => {
            telemetry::metrics::job_ended(kind, JobEnd::Cancelled);
            pb::claim_reply::Answer::NotGranted(refused(job, ClaimOutcome::Finished))
        }
        Outcome::Lapsed(ended) => {
            ended.publish();
            pb::claim_reply::Answer::NotGranted(refused(job, ClaimOutcome::NotDue))
        }
    };
    Ok(pb::ClaimReply { answer: Some(answer) })
}

enum Outcome {
    Granted(Job, Box<pb::granted::Input>),
    Refused(ClaimOutcome),
    /// Nobody needs it any more.
    CalledOff(JobKind),
    /// The attempt of a worker that fell silent ended here.
    Lapsed(Ended),
}

/// The job, or the one that is called off because nobody needs it any more: who wrote the copy became known, or the copy
/// was put aside. Its image may be gone.
fn unless_needless(tx: &mut Tx<'_>, job: Job) -> Result<Result<Job, Job>, Error> {
    let Task::Read(copy) = job.task else {
        return Ok(Ok(job));
    };
    if job.state.is_final() || order_reading::image_of(tx, copy)?.is_some() {
        return Ok(Ok(job));
    }
    let job = job.cancel().map_err(|_closed| Code::WrongState)?;
    tx.jobs().save(&job)?;
    Ok(Err(job))
}

fn granted(found: &Job, input: pb::granted::Input, lease: Lease) -> pb::Granted {
    let (attempt, fence) = (found.attempt, found.fence);
    telemetry::metrics::job_claimed(ClaimOutcome::Granted);
    telemetry::log(JobClaimed {
        job_id: found.id,
        copy_id: found.task.copy(),
        batch_id: found.task.batch(),
        attempt,
        fence,
    });
    pb::Granted {
        fence,
        attempt: attempt.into(),
        lease_milliseconds: u64::try_from(lease.0.num_milliseconds()).unwrap_or_default(),
        input: Some(input),
    }
}

fn refused(job_id: JobId, reason: ClaimOutcome) -> pb::NotGranted {
    telemetry::metrics::job_claimed(reason);
    telemetry::log(JobClaimRefused { job_id, reason });
    pb::NotGranted {
        reason: on_the_wire(reason).into(),
    }
}

fn input(tx: &mut Tx<'_>, job: &Job) -> Result<pb::granted::Input, Error> {
    match job.task {
        Task::Import(_) => {
            let input = tx.jobs().input_of(job.id)?.ok_or(Code::NotFound)?;
            let exam = tx.exams().get(input.exam)?.ok_or(Code::NotFound)?;
            Ok(pb::granted::Input::Import(pb::ImportInput {
                copy_id: input.copy.to_string(),
                source_digest: input.booklet.source.to_string(),
                source_bytes: input.booklet.size.bytes(),
                identity_zone: exam.identity_zone.map(Into::into),
            }))
        }
        Task::Finalize(copy) => finalize_input::read(tx, copy).map(pb::granted::Input::Finalize),
        Task::Read(copy) => {
            let image = order_reading::image_of(tx, copy)?.ok_or(Code::NotFound)?;
            Ok(pb::granted::Input::Read(pb::ReadInput {
                copy_id: copy.to_string(),
                image_digest: image.to_string(),
            }))
        }
        Task::Archive(_) => {
            let archive = tx.archives().of_job(job.id)?.ok_or(Code::NotFound)?;
            let members = archive::members(tx.archives().contents(archive.release)?);
            let member = |member: Member| pb::ArchiveMember {
                name: member.name,
                digest: member.digest.to_string(),
                bytes: member.size.bytes(),
            };
            Ok(pb::granted::Input::Archive(pb::ArchiveInput {
                members: members.into_iter().map(member).collect(),
            }))
        }
        Task::Split(batch) => {
            let batch = tx.batches().for_update(batch)?.ok_or(Code::NotFound)?;
            Ok(pb::granted::Input::Split(pb::SplitInput {
                batch_id: batch.id.to_string(),
                source_digest: batch.source.to_string(),
                source_bytes: batch.size.bytes(),
                pages_per_copy: batch.splitting.pages_per_copy.get().into(),
                layout: batch.splitting.layout.to_string(),
            }))
        }
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
