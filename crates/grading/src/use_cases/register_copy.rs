//! Registering a copy whose source is in the blob store.

use contracts::{Code, grading as pb};
use domain::copy::NewCopy;
use domain::{Copy, CopyId, Ids, JobId, Operation};
use store::Tx;
use telemetry::events::CopyRegistered;

use crate::announcement;
use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::idempotent::Keyed;
use crate::session::Session;
use crate::source::Source;

/// The copy in STAGING, its import job and the message that announces it, or the answer that the same
/// request got before.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::RegisterCopyRequest,
) -> Result<pb::RegisterCopyReply, Error> {
    let source = Source::try_from(request)?;
    let ids = app.ids.clone();
    let (exam_id, bytes) = (source.exam, source.size.bytes());
    let (reply, registered) = app
        .database
        .transaction("register_copy", move |tx| register(tx, &session, &source, &ids))
        .await?;
    if let Some((copy_id, job_id)) = registered {
        telemetry::log(CopyRegistered {
            copy_id,
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
) -> Result<(pb::RegisterCopyReply, Option<(CopyId, JobId)>), Error> {
    let caller = session.caller(tx)?;
    authorization::on_exam(tx, caller, Operation::UploadCopy, source.exam)?;
    let keyed = Keyed::new(
        caller.user,
        "register_copy",
        &source.idempotency_key,
        &source.fingerprint(),
    )?;
    if let Some(answer) = keyed.answered(tx)? {
        return Ok((answer, None));
    }
    // What the exam says of its copies stays so until this one is there.
    tx.exams().for_share(source.exam)?.ok_or(Code::NotFound)?;
    let new = NewCopy {
        exam: source.exam,
        source: source.digest,
        size: source.size,
        by: caller.user,
    };
    let registration = Copy::register(new, ids);
    let (copy, job) = (registration.copy().id, registration.job().id);
    tx.register(&registration, &announcement::of(registration.job(), ids))?;
    let answer = pb::RegisterCopyReply {
        copy_id: copy.to_string(),
        job_id: job.to_string(),
    };
    keyed.remember(tx, &answer)?;
    Ok((answer, Some((copy, job))))
}
