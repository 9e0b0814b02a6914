//! Registering a scan of many copies that is in the blob store.

use contracts::{Code, FieldCode, Problem, grading as pb};
use domain::batch::{NewBatch, Splitting};
use domain::{Batch, BatchId, Exam, Ids, JobId, Operation, PageCount};
use store::Tx;
use telemetry::events::BatchRegistered;

use crate::announcement;
use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::idempotent::Keyed;
use crate::session::Session;
use crate::source::Source;

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
        .transaction("register_batch", move |tx| register(tx, &session, &source, &ids))
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

fn register(
    tx: &mut Tx<'_>,
    session: &Session,
    source: &Source,
    ids: &Ids,
) -> Result<(pb::RegisterBatchReply, Option<(BatchId, JobId)>), Error> {
    let caller = session.caller(tx)?;
    authorization::on_exam(tx, caller, Operation::UploadCopy, source.exam)?;
    let keyed = Keyed::new(
        caller.user,
        "register_batch",
        &source.idempotency_key,
        &source.fingerprint(),
    )?;
    if let Some(answer) = keyed.answered(tx)? {
        return Ok((answer, None));
    }
    // One batch of an exam after the other: the same scan must not come twice at once.
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
        by: caller.user,
    };
    let registration = Batch::register(new, ids);
    let (batch, job) = (registration.batch().id, registration.job().id);
    tx.register_batch(&registration, &announcement::of(registration.job(), ids))?;
    let answer = pb::RegisterBatchReply {
        batch_id: batch.to_string(),
        job_id: job.to_string(),
    };
    keyed.remember(tx, &answer)?;
    Ok((answer, Some((batch, job))))
}

/// How the scans of an exam are taken apart. Without a number of pages that fits its paper that is not known, and never
/// guessed.
pub(crate) fn splitting(exam: &Exam) -> Result<Splitting, Problem> {
    let wrong = |code| Problem::field("/pages_per_copy", code);
    let pages_per_copy = exam.pages_per_copy.map(usize::from).and_then(PageCount::new);
    let pages_per_copy = pages_per_copy.ok_or_else(|| wrong(FieldCode::Required))?;
    Splitting::new(pages_per_copy, exam.layout).ok_or_else(|| wrong(FieldCode::OutOfRange))
}
