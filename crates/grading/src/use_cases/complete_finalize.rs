//! A worker delivers the corrected document of a copy.

use contracts::{Code, FieldCode, Problem, grading as pb};
use domain::document::{Document, Documents};
use domain::{FileSize, Job, JobState, Task};
use store::{Entry, Tx};
use telemetry::events::{FinalizeCompleted, JobReportLate};
use telemetry::metrics::{self, JobEnd};

use crate::app::App;
use crate::error::Error;
use crate::recorded;
use crate::report::{Report, attempted};

/// Document, FINALIZE event and the end of the job, in one transaction under the job's fence. Repeating it answers
/// the same; a late report is refused and changes nothing.
pub(crate) async fn run(
    app: &App,
    request: pb::CompleteFinalizeRequest,
) -> Result<pb::CompleteFinalizeReply, Error> {
    let report = Report::parse(&request.job_id, &request.worker_id, request.fence)?;
    let documents = parse(&request)?;
    let outcome = app
        .database
        .transaction("complete_finalize", move |tx| complete(tx, report, &documents))
        .await?;
    let accepted = match outcome {
        Outcome::Stored { job, event } => {
            recorded::publish(event);
            metrics::job_ended(job.task.kind(), JobEnd::Succeeded);
            telemetry::log(FinalizeCompleted {
                copy_id: event.copy,
                job_id: job.id,
                pages: documents.full.pages,
                attempt: job.attempt,
            });
            true
        }
        Outcome::StoredBefore => true,
        Outcome::Late => {
            telemetry::log(JobReportLate {
                job_id: report.job,
                fence: report.fence,
            });
            false
        }
    };
    Ok(pb::CompleteFinalizeReply { accepted })
}

enum Outcome {
    Stored { job: Job, event: Entry },
    StoredBefore,
    Late,
}

fn complete(tx: &mut Tx<'_>, report: Report, documents: &Documents) -> Result<Outcome, Error> {
    let Some(job) = tx.jobs().for_update(report.job)? else {
        return Ok(Outcome::Late);
    };
    if job.state == JobState::Succeeded && job.fence == report.fence {
        return Ok(Outcome::StoredBefore);
    }
    let Ok(job) = job.succeed(report.fence, documents.full.pages) else {
        return Ok(Outcome::Late);
    };
    let Task::Finalize(copy) = job.task else {
        return Err(Problem::field("/job_id", FieldCode::UnknownReference).into());
    };
    let copy = tx.copies().for_update(copy)?.ok_or(Code::NotFound)?;
    tx.documents().insert(job.id, copy.id, documents)?;
    let transition = copy.complete_finalize(documents.full.digest, attempted(&job, report))?;
    let event = tx.record(&transition)?;
    tx.jobs().save(&job)?;
    Ok(Outcome::Stored { job, event })
}

fn parse(request: &pb::CompleteFinalizeRequest) -> Result<Documents, Problem> {
    let full = request.document.as_ref().and_then(document);
    let anonymous = request.anonymous.as_ref().map(document);
    match (full, anonymous) {
        (Some(full), None) => Ok(Documents {
            full,
            anonymous: None,
        }),
        (Some(full), Some(Some(anonymous))) => Ok(Documents {
            full,
            anonymous: Some(anonymous),
        }),
        (None, _) => Err(Problem::field("/document", FieldCode::Malformed)),
        (Some(_), Some(None)) => Err(Problem::field("/anonymous", FieldCode::Malformed)),
    }
}

fn document(document: &pb::Document) -> Option<Document> {
    Some(Document {
        digest: document.digest.parse().ok()?,
        size: FileSize::new(document.bytes)?,
        pages: Some(document.pages).filter(|pages| *pages > 0)?,
    })
}
