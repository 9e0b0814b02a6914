//! Registering a copy whose source is in the blob store.

use contracts::{Code, grading as pb};
use domain::copy::NewCopy;
use domain::{Copy, CopyId, Ids, JobId, UserId};
use store::Tx;
use telemetry::events::CopyRegistered;

use crate::announcement;
use crate::app::App;
use crate::error::Error;
use crate::session::Session;
use crate::source::Source;

const NAME: &str = "register_copy";

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
        .transaction(NAME, move |tx| {
            let make = |tx: &mut Tx<'_>, by| make(tx, &source, by, &ids);
            source.register(tx, &session, NAME, make)
        })
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

/// What the exam says of its copies stays so until this one is there.
fn make(
    tx: &mut Tx<'_>,
    source: &Source,
    by: UserId,
    ids: &Ids,
) -> Result<(pb::RegisterCopyReply, (CopyId, JobId)), Error> {
    tx.exams().for_share(source.exam)?.ok_or(Code::NotFound)?;
    let new = NewCopy {
        exam: source.exam,
        source: source.digest,
        size: source.size,
        by,
    };
    let registration = Copy::register(new, ids);
    let (copy, job) = (registration.copy().id, registration.job().id);
    tx.register(&registration, &announcement::of(registration.job(), ids))?;
    let reply = pb::RegisterCopyReply {
        copy_id: copy.to_string(),
        job_id: job.to_string(),
    };
    Ok((reply, (copy, job)))
}
