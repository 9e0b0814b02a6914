//! Registering a scan of many copies that is in the blob store.

use contracts::{Code, FieldCode, Problem, grading as pb};
use domain::batch::{NewBatch, Splitting};
use domain::{Batch, BatchId, Exam, Ids, JobId, PageCount, UserId};
use store::Tx;
use telemetry::events::BatchRegistered;

use crate::announcement;
use crate::app::App;
use crate::error::Error;
use crate::session::Session;
use crate::source::Source;

const NAME: &str = "register_batch";

/// The batch, its job and the message that announces it, or the answer that the same request got before.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::RegisterBatchRequest,
) -> Result<pb::RegisterBatchReply, Error> {
    let source = Source::try_from(request)?;
    let ids = app.ids.clone();
    let (exam_id, bytes) = (source.exam, source.size.bytes());
    let (reply, registered) = app
        .database
        .transaction(NAME, move |tx| {
            let make = |tx: &mut Tx<'_>, by| make(tx, &source, by, &ids);
            source.register(tx, &session, NAME, make)
        })
        .await?;
    if let Some((batch_id, job_id)) = registered {
        telemetry::log(BatchRegistered {
            batch_id,
            exam_id,
            job_id,
            bytes,
        });
    }
    Ok(reply)
}

/// One batch of an exam after the other: the same scan must not come twice at once.
fn make(
    tx: &mut Tx<'_>,
    source: &Source,
    by: UserId,
    ids: &Ids,
) -> Result<(pb::RegisterBatchReply, (BatchId, JobId)), Error> {
    let exam = tx.exams().for_update(source.exam)?.ok_or(Code::NotFound)?;
    let splitting = splitting(&exam)?;
    if tx.batches().is_there(exam.id, source.digest)? {
        return Err(Code::DuplicateSource.into());
    }
    let new = NewBatch {
        exam: exam.id,
        source: source.digest,
        size: source.size,
        splitting,
        by,
    };
    let registration = Batch::register(new, ids);
    let (batch, job) = (registration.batch().id, registration.job().id);
    tx.register_batch(&registration, &announcement::of(registration.job(), ids))?;
    let reply = pb::RegisterBatchReply {
        batch_id: batch.to_string(),
        job_id: job.to_string(),
    };
    Ok((reply, (batch, job)))
}

/// How the scans of an exam are taken apart. Without a number of pages that fits its paper that is not known, and never
/// guessed.
pub(crate) fn splitting(exam: &Exam) -> Result<Splitting, Problem> {
    let wrong = |code| Problem::field("/pages_per_copy", code);
    let pages_per_copy = exam.pages_per_copy.map(usize::from).and_then(PageCount::new);
    let pages_per_copy = pages_per_copy.ok_or_else(|| wrong(FieldCode::Required))?;
    Splitting::new(pages_per_copy, exam.layout).ok_or_else(|| wrong(FieldCode::OutOfRange))
}
