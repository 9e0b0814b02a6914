//! Having a machine read who wrote a copy, for suggestions.

use contracts::{Code, grading as pb};
use domain::copy::Standing;
use domain::{Copy, CopyId, Digest, Ids, JobId, Operation, PageIndex, UserId};
use store::Tx;
use telemetry::events::ReadingOrdered;

use crate::announcement;
use crate::app::App;
use crate::command::Command;
use crate::error::Error;
use crate::session::Session;

/// The job that reads it: the one that waits or runs, or a new one.
pub(crate) async fn run(
    app: &App,
    session: Session,
    request: pb::OrderReadingRequest,
) -> Result<pb::StartedJob, Error> {
    let command = Command::parse(session, Operation::IdentifyCopy, &request.copy_id, app.ids.next())?;
    let (copy_id, ids) = (command.copy, app.ids.clone());
    let (job_id, is_new) = app
        .database
        .transaction("order_reading", move |tx| {
            let caller = command.admit(tx)?;
            order(tx, caller.user, copy_id, &ids)
        })
        .await?;
    if is_new {
        telemetry::log(ReadingOrdered { copy_id, job_id });
    }
    Ok(pb::StartedJob {
        job_id: job_id.to_string(),
    })
}

/// The job, and whether it is new. Of two who ask at once the second finds the job of the first: the copy is locked.
pub(crate) fn order(tx: &mut Tx<'_>, by: UserId, copy: CopyId, ids: &Ids) -> Result<(JobId, bool), Error> {
    let exam = tx.copies().exam_of(copy)?.ok_or(Code::NotFound)?;
    let exam = tx.exams().for_share(exam)?.ok_or(Code::NotFound)?;
    let copy = tx.copies().for_update(copy)?.ok_or(Code::NotFound)?;
    let standing = standing(tx, &copy, exam.released_at.is_some())?;
    let job = copy.read_identity(standing, by, ids)?;
    image(tx, &copy)?.ok_or(Code::NoPages)?;
    if let Some(open) = tx.jobs().reading_of(copy.id)? {
        return Ok((open, false));
    }
    tx.order(&job, &announcement::of(&job, ids))?;
    Ok((job.id, true))
}

/// The image to read; `None` if there is none, or nobody needs to know any more.
pub(crate) fn image_of(tx: &mut Tx<'_>, copy: CopyId) -> Result<Option<Digest>, Error> {
    match waiting(tx, copy)? {
        Some(copy) => image(tx, &copy),
        None => Ok(None),
    }
}

/// The copy, locked, if it has pages and nobody knows whose it is.
pub(crate) fn waiting(tx: &mut Tx<'_>, copy: CopyId) -> Result<Option<Copy>, Error> {
    let Some(copy) = tx.copies().for_update(copy)? else {
        return Ok(None);
    };
    let standing = standing(tx, &copy, false)?;
    Ok(copy.awaits_pupil(standing).is_ok().then_some(copy))
}

fn standing(tx: &mut Tx<'_>, copy: &Copy, released: bool) -> Result<Standing, Error> {
    let known = tx.identities().of(copy.id)?;
    Ok(Standing {
        known: known.map(|identity| (identity.student, identity.method)),
        released,
    })
}

/// A worker of a version before made none.
fn image(tx: &mut Tx<'_>, copy: &Copy) -> Result<Option<Digest>, Error> {
    let first = PageIndex::new(0).ok_or(Code::Internal)?;
    let page = tx.pages().get(copy.id, first)?;
    Ok(page.and_then(|page| page.identity).map(|image| image.digest))
}
