//! A worker delivers the copies that a scan consists of.

use contracts::{Code, FieldCode, Fields, Problem, grading as pb};
use domain::batch::{Cut, Scan};
use domain::{FileSize, PageCount, Task};
use telemetry::events::BatchSplit;
use telemetry::metrics;

use crate::announcement;
use crate::app::App;
use crate::completion::{Completed, complete};
use crate::error::Error;
use crate::report::Report;

/// A copy of each booklet with its import job, where each page went, and the end of the job, in one transaction under
/// the job's fence. Repeating it answers the same; a late report is refused and changes nothing.
pub(crate) async fn run(
    app: &App,
    request: pb::CompleteSplitRequest,
) -> Result<pb::CompleteSplitReply, Error> {
    let report = Report::parse(&request.job_id, &request.worker_id, request.fence)?;
    let scan = parse(&request)?;
    let (copies, anomalies) = (scan.booklets.len(), scan.anomalies.clone());
    let (pages, ids) = (scan.pages.get().into(), app.ids.clone());
    let completed = complete(app, "complete_split", report, Ok(pages), move |tx, job| {
        let Task::Split(batch_id) = job.task else {
            return Err(Problem::field("/job_id", FieldCode::UnknownReference).into());
        };
        let batch = tx.batches().for_update(batch_id)?.ok_or(Code::NotFound)?;
        // What the exam says of its copies stays so until these are there.
        tx.exams().for_share(batch.exam)?.ok_or(Code::NotFound)?;
        let split = batch
            .split(&scan, job.owner, &ids)
            .map_err(|_not_split| Problem::field("/booklets", FieldCode::Malformed))?;
        tx.split(&split, |job| announcement::of(job, &ids))?;
        Ok(batch_id)
    });
    let completed = completed.await?;
    if let Completed::Now(job, batch_id) = &completed {
        for anomaly in &anomalies {
            metrics::batch_anomaly(anomaly.kind);
        }
        telemetry::log(BatchSplit {
            batch_id: *batch_id,
            job_id: job.id,
            pages,
            copies,
            anomalies: anomalies.len(),
            attempt: job.attempt,
        });
    }
    Ok(pb::CompleteSplitReply {
        accepted: completed.is_accepted(),
    })
}

fn parse(request: &pb::CompleteSplitRequest) -> Result<Scan, Problem> {
    let mut fields = Fields::default();
    let pages = usize::try_from(request.pages).ok().and_then(PageCount::new);
    let pages = fields.check("/pages", pages, FieldCode::OutOfRange);
    let booklets: Option<Vec<Cut>> = request.booklets.iter().map(cut).collect();
    let booklets = fields.check("/booklets", booklets, FieldCode::Malformed);
    let anomalies: Result<_, ()> = request.anomalies.iter().map(TryInto::try_into).collect();
    let anomalies = fields.check("/anomalies", anomalies.ok(), FieldCode::Malformed);
    match (pages, booklets, anomalies) {
        (Some(pages), Some(booklets), Some(anomalies)) => Ok(Scan {
            pages,
            booklets,
            anomalies,
        }),
        _ => Err(fields.problem()),
    }
}

fn cut(booklet: &pb::Booklet) -> Option<Cut> {
    let pieces: Result<Vec<_>, ()> = booklet.pieces.iter().map(TryInto::try_into).collect();
    Some(Cut {
        source: booklet.digest.parse().ok()?,
        size: FileSize::new(booklet.bytes)?,
        pieces: pieces.ok()?,
    })
}
