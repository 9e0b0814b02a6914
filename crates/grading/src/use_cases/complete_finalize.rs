//! A worker delivers the corrected document of a copy.

use contracts::{Code, FieldCode, Problem, grading as pb};
use domain::document::{Document, Documents};
use domain::{FileSize, Task};
use telemetry::events::FinalizeCompleted;

use crate::app::App;
use crate::completion::{Completed, complete};
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
    let pages = documents.full.pages;
    let completed = complete(app, "complete_finalize", report, Ok(pages), move |tx, job| {
        let Task::Finalize(copy) = job.task else {
            return Err(Problem::field("/job_id", FieldCode::UnknownReference).into());
        };
        let copy = tx.copies().for_update(copy)?.ok_or(Code::NotFound)?;
        tx.documents().insert(job.id, copy.id, &documents)?;
        let transition = copy.complete_finalize(documents.full.digest, attempted(job, report))?;
        Ok((transition.copy().id, tx.record(&transition)?))
    });
    let completed = completed.await?;
    if let Completed::Now(job, (copy_id, event)) = &completed {
        recorded::publish(*event);
        telemetry::log(FinalizeCompleted {
            copy_id: *copy_id,
            job_id: job.id,
            pages,
            attempt: job.attempt,
        });
    }
    Ok(pb::CompleteFinalizeReply {
        accepted: completed.is_accepted(),
    })
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
