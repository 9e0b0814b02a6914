//! Reading a copy.

use contracts::{Code, grading as pb};
use domain::{CopyId, JobId, Operation, UserId};
use store::Tx;

use crate::app::App;
use crate::authorization;
use crate::error::Error;
use crate::session::Session;
use crate::view;

/// The copy with its pages, if the caller may see it.
pub(crate) async fn run(app: &App, session: Session, request: pb::GetCopyRequest) -> Result<pb::Copy, Error> {
    let id: CopyId = request.id.parse().map_err(|_not_an_id| Code::NotFound)?;
    app.database
        .transaction("get_copy", move |tx| {
            let caller = session.caller(tx)?;
            authorization::on_copy(tx, caller, Operation::ReadCopy, id)?;
            read(tx, id, caller.user)
        })
        .await
}

/// The copy with its pages, its jobs and its score, as `reader` may see who corrects it.
pub(crate) fn read(tx: &mut Tx<'_>, id: CopyId, reader: UserId) -> Result<pb::Copy, Error> {
    let found = tx.copies().get(id)?.ok_or(Code::NotFound)?;
    let pages = tx.pages().of(id)?;
    let booklets = tx.booklets().page_counts(id)?;
    let import_job = job(tx, found.import_job)?;
    let finalize_job = job(tx, found.finalize_job)?;
    let exam = tx.exams().get(found.copy.exam)?.ok_or(Code::NotFound)?;
    let tally = found.copy.tally(&tx.marks().of(id)?, exam.scheme.as_ref());
    let now = tx.now()?;
    let listed = view::copy(&found, reader, now);
    let identity = if sees_identities(tx, reader)? {
        tx.students().of_copies(&[id])?.remove(&id)
    } else {
        None
    };
    Ok(pb::Copy {
        identity: identity.as_ref().map(Into::into),
        pages: pages.iter().map(Into::into).collect(),
        booklets: booklets.into_iter().map(view::booklet).collect(),
        import_job,
        finalize_job,
        score: tally.total.to_string(),
        max: tally.max.to_string(),
        ..listed
    })
}

/// Whoever changes a copy reads it too, and not all of them may know whose it is.
fn sees_identities(tx: &mut Tx<'_>, reader: UserId) -> Result<bool, Error> {
    let reader = tx.users().get(reader)?;
    Ok(reader.is_some_and(|reader| reader.role.sees_identities()))
}

fn job(tx: &mut Tx<'_>, id: Option<JobId>) -> Result<Option<pb::Job>, Error> {
    match id {
        Some(id) => Ok(tx.jobs().get(id)?.as_ref().map(view::job)),
        None => Ok(None),
    }
}
